import type { TalosObservation } from '../../core/machine.ts';
import { type Millis, minutes, seconds } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step, type StepPast, todo, type Verdict } from '../../core/step.ts';
import type { FindMachine } from '../find-machine.ts';
import { diskChanged, installFailed, wrongSystemDisk, wrongVersion } from '../installer-faults.ts';
import { type DiskId, idOf, resolveDisk } from '../resolve-disk.ts';

export interface InstallMachine {
  readonly entry: MachineSpec;
  readonly talosVersion: string;
  /** The disk that the operator was shown and said yes to. */
  readonly approved: DiskId | undefined;
  readonly find: FindMachine;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Sends the machine its config; Talos then writes the disk by itself. */
  readonly configure: (entry: MachineSpec, observation: TalosObservation, signal: AbortSignal) => Promise<void>;
}

/** Talos may take a moment from accepting a config to leaving maintenance; what changes nothing for this long, did not. */
const settleSpan: Millis = seconds(15);

export const installStepId = (name: string) => `install/${name}`;

/**
 * Talos on the disk of one machine: done when it has rebooted and answers to our keys, from the approved disk, with
 * the version of the rack file. Sending the config wipes that disk, so it is sent once.
 */
export function installMachine({ entry, talosVersion, approved, find, clock, configure }: InstallMachine): Step {
  const { name } = entry;
  let unchangedSince: Millis | undefined;

  const checkInMaintenance = (observation: TalosObservation, past: StepPast): Verdict => {
    if (observation.stage === 'installing') return blocked(`installing Talos ${talosVersion}`);
    const resolution = resolveDisk(entry.disk, observation.disks);
    const now = resolution.kind === 'one' ? resolution.id : resolution.kind;
    if (approved === undefined || now !== approved) throw diskChanged({ name, approved: approved ?? 'none', now });
    const memory = { bootMark: observation.bootMark, disk: approved };
    const waits = `waits in maintenance mode at ${observation.address}`;
    if (!past.uncertain) return todo(waits, { memory });
    if (past.memory?.['bootMark'] !== observation.bootMark) {
      throw installFailed({ name, address: observation.address, disk: approved });
    }
    unchangedSince ??= clock.monotonic();
    if (clock.monotonic() - unchangedSince < settleSpan) {
      return blocked('was told to install earlier; watching whether it does');
    }
    return todo(`${waits}, and did not take the config`, { memory, untouched: true });
  };

  const checkConfigured = (observation: TalosObservation, past: StepPast): Verdict => {
    const { stage, bootMark, systemDisk, disks, version } = observation;
    if (stage === 'installing' || past.memory?.['bootMark'] === bootMark)
      return blocked(`installing Talos ${talosVersion}`);
    if (stage !== 'booting' && stage !== 'running') return blocked(stage);
    const disk = disks.find((one) => one.name === systemDisk);
    if (disk === undefined) return blocked('answers, but does not know its system disk yet');
    const resolution = resolveDisk(entry.disk, disks);
    const expected =
      approved ?? (resolution.kind === 'one' ? resolution.id : `the one disk of its selector (${resolution.kind})`);
    const actual = idOf(disk, disks) ?? disk.path;
    if (actual !== expected) throw wrongSystemDisk({ name, expected, actual });
    if (version !== talosVersion) throw wrongVersion({ name, expected: talosVersion, actual: version });
    return done;
  };

  return {
    id: installStepId(name),
    title: `Install Talos ${talosVersion} on ${name}`,
    machine: name,
    after: [],
    timeout: minutes(30),
    once: true,
    async check(past, signal) {
      const observation = await find(entry, signal);
      if (observation.mode === 'configured') return checkConfigured(observation, past);
      return checkInMaintenance(observation, past);
    },
    async apply(signal) {
      await configure(entry, await find(entry, signal), signal);
    },
  };
}
