import type { Place } from '../core/fault.ts';
import { type Millis, minutes } from '../core/millis.ts';
import type { Rack } from '../core/rack.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { blocked, done, type Plan, type Verdict } from '../core/step.ts';
import { leftoverInstall } from './installer-faults.ts';
import { refusal } from './parse-rack-file.ts';
import { type RemovedMachine, whyRemoved } from './removed-machines.ts';
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
  /** Whether an install of this machine was begun and not seen to end: then its own step judges what is there. */
  readonly isUnderWay: (name: string) => boolean;
  /** The machine with any of these MAC addresses that was removed while it was silent. */
  readonly findRemoved?: (macs: readonly string[]) => RemovedMachine | undefined;
  readonly timeout: Millis;
}

/**
 * Waits until each machine of the rack file is seen to be exactly one real machine, with exactly one disk that its
 * selector fits. Only reads. A selector that the machine contradicts is a problem of the rack file, with its place.
 */
export function discoveryPlan(discovery: Discovery): Plan {
  const { file, spec, place, rack, timeout } = discovery;
  return spec.machines.map((entry, index) => ({
    id: `discover/${entry.name}`,
    title: `Find ${entry.name}`,
    machine: entry.name,
    after: [],
    timeout,
    check: async () => {
      const verdict = lookFor(entry, { ...discovery, rack: rack() });
      if (typeof verdict !== 'string') return verdict;
      throw refusal(file, [{ place: place(['machines', index, 'disk']), message: verdict }]);
    },
  }));
}

/** The verdict, or the sentence that says what is wrong with the entry's disk selector. */
function lookFor(
  entry: MachineSpec,
  { spec, rack, whyNot, isUnderWay, findRemoved }: Omit<Discovery, 'rack'> & { rack: Rack },
): Verdict | string {
  const resolution = resolveMachine(entry, spec, rack);
  const { macs = [], talos: reading } = resolution.kind === 'found' ? resolution.machine : {};
  const removed =
    reading === undefined ? findRemoved?.([...macs, ...(entry.mac === undefined ? [] : [entry.mac])]) : undefined;
  if (removed !== undefined) return blocked(whyRemoved(removed));
  if (resolution.kind === 'absent') {
    // Somebody may answer at its address who will not tell us who it is: a cluster with other keys.
    const reason = whyNot(entry.address);
    const isSilence = reason === undefined || /did not answer/.test(reason);
    return blocked(isSilence ? 'not seen yet; power it on and let it boot from the network' : reason);
  }
  if (resolution.kind === 'held') return blocked(`held: ${resolution.reason}`);
  const { talos, boot, address } = resolution.machine;
  if (talos === undefined) {
    if (address !== undefined) return blocked(whyNot(address) ?? `has the address ${address}`);
    return blocked(boot?.offered === undefined ? 'its firmware asks for a boot file' : `was given ${boot.offered}`);
  }
  if (talos.mode === 'configured' || isUnderWay(entry.name)) return done;
  if (talos.systemDisk !== undefined) {
    const { message, remedy } = leftoverInstall({ name: entry.name, disk: `/dev/${talos.systemDisk}` });
    return blocked(`${message}. ${remedy}`);
  }
  const disks = resolveDisk(entry.disk, talos.disks);
  const list = (some: typeof talos.disks) => some.map((disk) => `\n    ${renderDisk(disk)}`).join('');
  switch (disks.kind) {
    case 'one':
      return disks.disk.isUnprobed ? blocked(`nobody has read yet what is on ${disks.disk.path}`) : done;
    case 'none':
      // A controller may take its time to show its disks, so this is waited for.
      return blocked(`its disk selector fits none of its disks:${list(disks.disks) || ' it shows none at all'}`);
    case 'several':
      return `fits ${disks.disks.length} disks of ${entry.name}; allowed: exactly one, for instance by its serial:${list(disks.disks)}`;
    case 'nameless':
      return `fits a disk of ${entry.name} that has no serial or WWID of its own; allowed: one that can be told from the others: ${renderDisk(disks.disk)}`;
  }
}
