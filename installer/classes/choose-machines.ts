import { parseIpv4, renderIpv4 } from '../../core/ipv4.ts';
import { identityMacs, type Machine } from '../../core/machine.ts';
import { type Millis, minutes } from '../../core/millis.ts';
import type { Rack } from '../../core/rack.ts';
import { resolveMachineClass } from '../../core/rack-spec/resolve-classes.ts';
import { parseAddressRange } from '../../core/rack-spec/text-forms.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
import { isMeant } from '../resolve-machines.ts';
import { type ChoosingClass, choosingClasses, classOfMachine } from './class-of-machine.ts';

export interface Choice {
  /** With the machines that were chosen now; those of a class come together or not at all. */
  readonly spec: RackSpec;
  /** By class: why it has not got its machines. */
  readonly waiting: ReadonlyMap<string, string>;
}

/** A machine that fitted a class and is silent is expected back for so long: a server may take minutes to start, or be mended. */
const expectedFor: Millis = minutes(24 * 60);

/**
 * The machines that the classes of the rack file choose among those that are there and that no entry means. A class gets
 * its machines when exactly as many fit as it wants: between more nobody guesses, and while one may still fit nobody
 * chooses, be it one that boots, or one that was seen within a day and is silent. Equal racks give equal choices. `now`:
 * milliseconds since 1970.
 */
export function chooseMachines(spec: RackSpec, rack: Rack, now: number): Choice {
  const waiting = new Map<string, string>();
  const open = choosingClasses(spec).filter((one) => one.open > 0);
  if (open.length === 0) return { spec, waiting };
  const free = [...rack.machines.values()]
    .filter(({ conflicts = [] }) => conflicts.length === 0)
    .filter((machine) => !spec.machines.some((entry) => concerns(entry, machine)));
  const strangers = free.filter(({ talos }) => talos?.mode === 'maintenance');
  // It was given Talos and has not told yet what it is.
  const unread = free.filter(({ talos, boot }) => talos === undefined && boot?.offered !== undefined);
  const silent = free.flatMap((machine) => {
    const { talos, boot, lastReading, lastSeen = lastReading?.at } = machine;
    if (talos !== undefined || boot?.offered !== undefined || lastReading?.observation.mode !== 'maintenance')
      return [];
    if (lastSeen === undefined || now - lastSeen > expectedFor) return [];
    return [{ machine, verdict: classOfMachine({ ...machine, talos: lastReading.observation }, spec) }];
  });
  const verdicts = strangers.map((machine) => ({ machine, verdict: classOfMachine(machine, spec) }));
  let machines = spec.machines;
  for (const one of open) {
    const fitting = verdicts.flatMap(({ machine, verdict }) =>
      verdict.kind === 'one' && verdict.name === one.name ? [machine] : [],
    );
    const undecided = verdicts.flatMap(({ machine, verdict }) =>
      verdict.kind === 'unknown' && verdict.name === one.name ? [machine] : [],
    );
    const doubtful = [...undecided, ...unread];
    const expected = silent.flatMap(({ machine, verdict }) =>
      (verdict.kind === 'one' || verdict.kind === 'unknown') && verdict.name === one.name ? [machine] : [],
    );
    const isClear = fitting.length === one.open && doubtful.length === 0 && expected.length === 0;
    const entries = isClear ? entriesOf(one, fitting, machines, spec) : undefined;
    if (entries === undefined) waiting.set(one.name, waitingFor(one, fitting, doubtful, expected));
    else machines = [...machines, ...entries];
  }
  return { spec: { ...spec, machines }, waiting };
}

/** Also a machine that has the MAC address of an entry and contradicts its UUID is nobody else's. */
const concerns = (entry: MachineSpec, machine: Machine) =>
  isMeant(entry, machine) || (entry.mac !== undefined && machine.macs.includes(entry.mac));

function waitingFor(
  { open, of }: ChoosingClass,
  fitting: readonly Machine[],
  doubtful: readonly Machine[],
  expected: readonly Machine[],
): string {
  const namesOf = (some: readonly Machine[]) => some.map(({ macs }) => macs[0] ?? '').join(', ');
  const seen = namesOf(fitting);
  if (fitting.length > open) {
    return `${fitting.length} machines fit it and it is for ${open}: narrow its selector or take machines away (${seen})`;
  }
  if (fitting.length === open && doubtful.length > 0) {
    return `${open} machines fit it, and ${doubtful.length} more may when more is known of them (${namesOf(doubtful)})`;
  }
  if (fitting.length === open && expected.length > 0) {
    return `${open} machines fit it, and so did ${namesOf(expected)} within the last day, which is silent now: power it on, or let the selector leave it out`;
  }
  if (fitting.length === open) return `a machine of it has no address in network.subnet yet (${seen})`;
  return `${(of.count ?? 0) - open + fitting.length} of its ${String(of.count)} machines are there`;
}

/** `undefined` when a machine cannot be told or has no address yet. */
function entriesOf(
  { name, of }: ChoosingClass,
  fitting: readonly Machine[],
  machines: readonly MachineSpec[],
  spec: RackSpec,
): MachineSpec[] | undefined {
  const names = new Set(machines.map((machine) => machine.name));
  const taken = new Set([spec.network.vip, spec.network.gateway, ...machines.map(({ address }) => address)]);
  const entries: MachineSpec[] = [];
  const identified = fitting
    .map(({ talos, macs, address }) => ({
      mac: (talos === undefined ? macs : identityMacs(talos)).toSorted()[0],
      address,
    }))
    .toSorted((one, other) => ((one.mac ?? '') < (other.mac ?? '') ? -1 : 1));
  for (const { mac, address: observed } of identified) {
    const address = of.addresses === undefined ? observed : firstFree(of.addresses, taken);
    if (mac === undefined || address === undefined || taken.has(address)) return undefined;
    taken.add(address);
    const entry = { name: firstName(name, names), class: name, mac, address };
    names.add(entry.name);
    entries.push({ ...resolveMachineClass(entry, of), isChosen: true });
  }
  return entries;
}

function firstName(name: string, names: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) if (!names.has(`${name}-${number}`)) return `${name}-${number}`;
}

function firstFree(addresses: string, taken: ReadonlySet<string | undefined>): string | undefined {
  const range = parseAddressRange(addresses);
  const used = new Set([...taken].flatMap((address) => (address === undefined ? [] : [parseIpv4(address)])));
  for (let value = range?.first ?? 1; value <= (range?.last ?? 0); value += 1) {
    if (!used.has(value)) return renderIpv4(value);
  }
  return undefined;
}
