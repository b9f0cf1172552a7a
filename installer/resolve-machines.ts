import type { Machine } from '../core/machine.ts';
import { machinesAround, machinesWithUuid, type Rack } from '../core/rack.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { reasonOfClasses } from './classes/class-of-machine.ts';
import { describeConflict } from './inventory/describe-conflict.ts';

export type Resolution =
  | { readonly kind: 'absent' }
  | { readonly kind: 'found'; readonly machine: Machine }
  /** There is a machine for the entry, but not one and for this entry alone: nothing is written on it. */
  | { readonly kind: 'held'; readonly reason: string };

/** What a machine says of itself, whether its firmware or its Talos speaks. */
export type Identity = Pick<Machine, 'macs' | 'uuid'>;

/**
 * Whether a machine is the one that an entry means. A MAC address must be one of its own; a UUID must not
 * contradict, and is enough by itself when the entry names no MAC address.
 */
export function isMeant(entry: MachineSpec, { macs, uuid }: Identity): boolean {
  if (entry.mac === undefined) return entry.uuid === uuid;
  const contradicts = entry.uuid !== undefined && uuid !== undefined && entry.uuid !== uuid;
  return macs.includes(entry.mac) && !contradicts;
}

/** All machines that an entry means, found in a time that does not depend on the size of the rack. */
function machinesMeant(entry: MachineSpec, rack: Rack): readonly Machine[] {
  const { mac, uuid } = entry;
  const near = mac === undefined ? machinesWithUuid(rack, uuid ?? '') : machinesAround(rack, [mac]);
  return near.filter((one) => isMeant(entry, one));
}

/** The one machine of an entry: found only when it means no other machine, and no other entry means it. */
export function resolveMachine(entry: MachineSpec, spec: RackSpec, rack: Rack): Resolution {
  const [machine] = machinesMeant(entry, rack);
  if (machine === undefined) return { kind: 'absent' };
  const reason = reasonToHold(machine, spec, rack);
  return reason === undefined ? { kind: 'found', machine } : { kind: 'held', reason };
}

/** Why a machine is not touched, in words; `undefined` when it is the one machine of exactly one entry. */
export function reasonToHold(machine: Machine, spec: RackSpec, rack: Rack): string | undefined {
  const conflict = describeConflict(machine);
  if (conflict !== undefined) return conflict;
  const [entry, ...more] = spec.machines.filter((one) => isMeant(one, machine));
  if (entry === undefined) {
    const near = spec.machines.find((one) => one.mac !== undefined && machine.macs.includes(one.mac));
    if (near === undefined) return reasonOfClasses(machine, spec);
    return `it has the MAC address of ${near.name}, but its UUID is ${String(machine.uuid)}, not ${String(near.uuid)}`;
  }
  if (more.length > 0) return `the rack file means it with ${[entry, ...more].map((one) => one.name).join(' and ')}`;
  const others = machinesMeant(entry, rack).filter((one) => one.id !== machine.id);
  if (others.length === 0) return undefined;
  const macs = others.map((one) => one.macs.join(' ')).join(', ');
  return `another machine (${macs}) has the same UUID ${String(machine.uuid)}; give ${entry.name} a mac in the rack file`;
}
