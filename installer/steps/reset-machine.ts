import { defineFault } from '../../core/fault.ts';
import type { TalosObservation } from '../../core/machine.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step, todo } from '../../core/step.ts';
import type { FindMachine } from '../find-machine.ts';
import { type DiskId, idOf } from '../resolve-disk.ts';

const resetFailed = defineFault<{ name: string; stage: string }>('installer/reset-failed', {
  kind: 'operator',
  title: ({ name, stage }) => `${name} rebooted after it was told to reset, and still runs from its disk (${stage})`,
  state: () => 'Its disk was not wiped. It has left etcd and Kubernetes already.',
  remedy: ({ name }) => `Read its log (talosctl dmesg), then run the same command with --retry reset/${name}`,
});

const otherDisk = defineFault<{ name: string; approved: string; now: string }>('installer/system-disk-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, approved, now }) =>
    `The system disk of ${name}, which is to be wiped, was approved as ${approved}, and is now ${now}`,
  state: () => 'None of its disks was touched.',
  remedy: () => 'Run the same command again: the disk is shown and asked for.',
});

const drbdInUse = defineFault<{ name: string; devices: readonly string[] }>('installer/drbd-in-use', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, devices }) => `DRBD is in use on ${name}: ${devices.join(', ')}`,
  state: () => 'None of its disks was touched.',
  remedy: ({ name }) =>
    `Its replicas may be the last good ones. Evacuate ${name} in LINSTOR, wait until none of its devices is left, then run the same command again.`,
});

export const resetStepId = (name: string) => `reset/${name}`;

export interface ResetMachine {
  readonly entry: MachineSpec;
  readonly after: readonly string[];
  /** The system disk that the operator was shown; absent for a machine that was in maintenance mode already. */
  readonly approved: DiskId | undefined;
  readonly find: FindMachine;
  /** Remembers that the machine is not installed any more, so that it may boot from the network. */
  readonly forget: () => Promise<void>;
  readonly reset: (observation: TalosObservation, signal: AbortSignal) => Promise<void>;
}

/**
 * A machine is in maintenance mode again, without anything of the cluster on its system disk. Told once in one boot of it:
 * when it comes back from its disk all the same, somebody has to look.
 */
export function resetMachine({ entry, after, approved, find, forget, reset }: ResetMachine): Step {
  const { name } = entry;
  let seenBoot: string | undefined;
  const ensureMayWipe = (observation: TalosObservation) => {
    const now = systemDiskId(observation);
    if (now === undefined || now !== approved) {
      throw otherDisk({ name, approved: approved ?? 'none', now: now ?? 'one that nobody can name' });
    }
    const devices = drbdDevices(observation);
    if (devices.length > 0) throw drbdInUse({ name, devices });
  };
  return {
    id: resetStepId(name),
    title: `Reset ${name} to maintenance mode`,
    machine: name,
    after,
    timeout: minutes(30),
    once: true,
    async check(past, signal) {
      const observation = await find(entry, signal);
      const { mode, stage, bootMark } = observation;
      if (mode === 'maintenance') {
        if (stage !== 'maintenance') return blocked(`is in maintenance mode, and still ${stage}`);
        const left = whatIsLeft(observation, past.memory?.['disk']);
        return left === undefined ? done : blocked(`is in maintenance mode, ${left}`);
      }
      if (stage === 'resetting' || stage === 'rebooting') return blocked(stage);
      const told = past.memory?.['bootMark'];
      if (past.uncertain && told !== bootMark) throw resetFailed({ name, stage });
      ensureMayWipe(observation);
      const unread = unreadForDrbd(observation);
      if (unread !== undefined) return blocked(`whether DRBD uses ${unread} is not known`);
      seenBoot = bootMark;
      const memory = { bootMark, ...(approved === undefined ? {} : { disk: approved }) };
      return todo('runs from its disk', { memory, untouched: true });
    },
    async apply(signal) {
      const observation = await find(entry, signal);
      if (observation.mode !== 'configured' || observation.bootMark !== seenBoot) return;
      ensureMayWipe(observation);
      // Before the disk is empty: from then on only the network can boot it.
      await forget();
      await reset(observation, signal);
    },
  };
}

/** The disk that Talos runs from; `undefined` while it is not known, or cannot be told from the others. */
export function systemDiskId({ disks, systemDisk }: TalosObservation): DiskId | undefined {
  const disk = disks.find((one) => one.name === systemDisk);
  return disk === undefined ? undefined : idOf(disk, disks);
}

/** What of an install is still there, in words. Where nobody remembers which disk was wiped, it may be on any of them. */
function whatIsLeft({ systemDisk, disks, leftovers }: TalosObservation, wiped?: string): string | undefined {
  if (systemDisk !== undefined) return `with Talos still on ${systemDisk}`;
  const concerned = disks.filter((disk) =>
    wiped === undefined ? !disk.readOnly && disk.transport !== undefined : idOf(disk, disks) === wiped,
  );
  if (wiped !== undefined && concerned.length === 0) return `and does not show the disk ${wiped}, which was wiped`;
  const unread = concerned.find(({ isUnprobed }) => isUnprobed);
  if (unread !== undefined) return `and nobody has read yet what is on ${unread.path}`;
  if (leftovers === undefined) return 'and nobody has read yet what is on its disks';
  const left = leftovers.find(
    ({ disk, mayHold }) =>
      concerned.some(({ name }) => name === disk) && (wiped !== undefined || mayHold !== 'user data'),
  );
  return left === undefined ? undefined : `with ${left.label} of an install still on ${left.partition}`;
}

const isDrbd = (device: string) => /^drbd\d/.test(device);

const drbdDevices = ({ disks }: TalosObservation): readonly string[] => [
  ...new Set(
    disks
      .flatMap(({ name, contents = [] }) => [name, ...contents.flatMap(({ user = '' }) => [user])])
      .filter((device) => isDrbd(device)),
  ),
];

/** A disk of which nobody knows who uses it, on a machine whose Talos may have DRBD. */
const unreadForDrbd = ({ disks, image }: TalosObservation): string | undefined =>
  image !== undefined && !image.extensions.includes('drbd')
    ? undefined
    : disks.find(({ isUnprobed, transport }) => isUnprobed && transport !== undefined)?.path;
