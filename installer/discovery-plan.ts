import type { Place } from '../core/fault.ts';
import { type Millis, minutes } from '../core/millis.ts';
import type { Rack } from '../core/rack.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { blocked, done, type Plan, type Verdict } from '../core/step.ts';
import { refusal } from './parse-rack-file.ts';
import { renderDisk, resolveDisk } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';

/** How long machines may take to come up when the operator says nothing else. */
export const discoveryTimeout: Millis = minutes(30);

export interface Discovery {
  readonly file: string;
  readonly spec: RackSpec;
  readonly place: (path: readonly PropertyKey[]) => Place;
  readonly rack: () => Rack;
  /** Why the Talos API at an address was not seen, in words. */
  readonly whyNot: (address: string) => string | undefined;
  readonly timeout: Millis;
}

/**
 * Waits until each machine of the rack file is seen to be exactly one real machine, with exactly one disk that its
 * selector fits. Only reads. A selector that the machine contradicts is a problem of the rack file, with its place.
 */
export function discoveryPlan({ file, spec, place, rack, whyNot, timeout }: Discovery): Plan {
  return spec.machines.map((entry, index) => ({
    id: `discover/${entry.name}`,
    title: `Find ${entry.name}`,
    machine: entry.name,
    after: [],
    timeout,
    check: async () => {
      const verdict = lookFor(entry, rack(), whyNot);
      if (typeof verdict !== 'string') return verdict;
      throw refusal(file, [{ place: place(['machines', index, 'disk']), message: verdict }]);
    },
  }));
}

/** The verdict, or the sentence that says what is wrong with the entry's disk selector. */
function lookFor(entry: MachineSpec, rack: Rack, whyNot: Discovery['whyNot']): Verdict | string {
  const resolution = resolveMachine(entry, rack);
  if (resolution.kind === 'absent') return blocked('not seen yet; power it on and let it boot from the network');
  if (resolution.kind === 'ambiguous') {
    const macs = resolution.machines.map((machine) => machine.macs.join(' ')).join(' and ');
    return blocked(`held: ${macs} have the same UUID; give ${entry.name} a mac in the rack file`);
  }
  const { talos, boot, address } = resolution.machine;
  if (talos === undefined) {
    if (address !== undefined) return blocked(whyNot(address) ?? `has the address ${address}`);
    return blocked(boot?.offered === undefined ? 'its firmware asks for a boot file' : `was given ${boot.offered}`);
  }
  if (talos.mode === 'configured') return done;
  const disks = resolveDisk(entry.disk, talos.disks);
  const list = (some: typeof talos.disks) => some.map((disk) => `\n    ${renderDisk(disk)}`).join('');
  switch (disks.kind) {
    case 'one':
      return done;
    case 'none':
      return `fits no disk of ${entry.name}; allowed: exactly one of${list(disks.disks) || ' … it shows no disk at all'}`;
    case 'several':
      return `fits ${disks.disks.length} disks of ${entry.name}; allowed: exactly one, for instance by its serial:${list(disks.disks)}`;
    case 'nameless':
      return `fits a disk of ${entry.name} that has no serial or WWID of its own; allowed: one that can be told from the others: ${renderDisk(disks.disk)}`;
  }
}
