import type { Machine } from '../core/machine.ts';
import type { Rack } from '../core/rack.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';

export type Resolution =
  | { readonly kind: 'absent' }
  | { readonly kind: 'found'; readonly machine: Machine }
  /** More than one machine answers to this entry of the rack file: none of them is touched. */
  | { readonly kind: 'ambiguous'; readonly machines: readonly Machine[] };

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

export function resolveMachine(entry: MachineSpec, rack: Rack): Resolution {
  const machines = [...rack.machines.values()].filter((machine) => isMeant(entry, machine));
  const [machine] = machines;
  if (machine === undefined) return { kind: 'absent' };
  return machines.length === 1 ? { kind: 'found', machine } : { kind: 'ambiguous', machines };
}

/** Why a machine is not touched, in words; `undefined` when it is the one machine of exactly one entry. */
export function reasonToHold(machine: Machine, spec: RackSpec, rack: Rack): string | undefined {
  const entries = spec.machines.filter((entry) => isMeant(entry, machine));
  const [entry] = entries;
  if (entry === undefined) {
    const near = spec.machines.find((one) => one.mac !== undefined && machine.macs.includes(one.mac));
    if (near === undefined) return 'it is not in the rack file';
    return `it has the MAC address of ${near.name}, but its UUID is ${String(machine.uuid)}, not ${String(near.uuid)}`;
  }
  if (entries.length > 1) return `the rack file means it with ${entries.map((one) => one.name).join(' and ')}`;
  const resolution = resolveMachine(entry, rack);
  if (resolution.kind !== 'ambiguous') return undefined;
  const others = resolution.machines.filter((one) => one.id !== machine.id);
  return `another machine (${others.map((one) => one.macs.join(' ')).join(', ')}) has its UUID ${String(machine.uuid)} too; give ${entry.name} a mac`;
}
