import { identityMacs, type TalosObservation } from '../../core/machine.ts';
import { type Millis, minutes, seconds } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step, type StepPast, todo, type Verdict } from '../../core/step.ts';
import { compareSchematic } from '../../talos/index.ts';
import type { FindMachine } from '../find-machine.ts';
import type { InstallProgress } from '../install-progress.ts';
import {
  diskChanged,
  installFailed,
  leftoverInstall,
  machineChanged,
  wrongSchematic,
  wrongSystemDisk,
  wrongVersion,
} from '../installer-faults.ts';
import { type DiskId, idOf, resolveDisk } from '../resolve-disk.ts';

export interface InstallMachine {
  readonly entry: MachineSpec;
  readonly talosVersion: string;
  /** The one that its images have to be of; absent when the installer is of no Image Factory. */
  readonly schematic?: string;
  /** The disk that the operator was shown and said yes to. */
  readonly approved: DiskId | undefined;
  readonly find: FindMachine;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly progress: InstallProgress;
  /** How many machines of the rack are installed at once. */
  readonly parallel: number;
  /** Sends the machine its config; Talos then writes the disk by itself. */
  readonly configure: (observation: TalosObservation, signal: AbortSignal) => Promise<void>;
}

/** Talos may take a moment from accepting a config to leaving maintenance; what changes nothing for this long, did not. */
const settleSpan: Millis = seconds(15);

export const installStepId = (name: string) => `install/${name}`;

/**
 * Talos on the disk of one machine: done when it has rebooted and answers to our keys, from the approved disk, with
 * the version of the rack file. Sending the config wipes that disk, so it is sent once.
 */
export function installMachine(options: InstallMachine): Step {
  const { entry, talosVersion, schematic, approved, find, clock, progress, parallel, configure } = options;
  const { name } = entry;
  let unchangedSince: Millis | undefined;
  let seenBoot: string | undefined;

  const installing = (observation: TalosObservation): Verdict => {
    const doing = progress.follow(observation);
    return blocked(`installing Talos ${talosVersion}${doing === undefined ? '' : `: ${doing}`}`);
  };

  const checkInMaintenance = async (
    observation: TalosObservation,
    past: StepPast,
    signal: AbortSignal,
    unchangedBefore?: Millis,
  ): Promise<Verdict> => {
    const { address, bootMark, stage, systemDisk, disks, links } = observation;
    if (stage === 'installing') return installing(observation);
    if (stage !== 'maintenance' || bootMark === '') return blocked(`is in maintenance mode, and still ${stage}`);
    if (past.uncertain && past.memory?.['bootMark'] !== bootMark) {
      const lastWords = await progress.lastWords(observation, signal);
      throw installFailed({ name, address, disk: approved ?? 'of its selector', lastWords });
    }
    if (systemDisk !== undefined) {
      if (past.uncertain) return blocked('has begun to write its disk');
      throw leftoverInstall({ name, disk: `/dev/${systemDisk}` });
    }
    const resolution = resolveDisk(entry.disk, disks);
    if (resolution.kind === 'none') return blocked('does not show a disk that its selector fits');
    const now = resolution.kind === 'one' ? resolution.id : resolution.kind;
    if (now !== approved) throw diskChanged({ name, approved: approved ?? 'none', now });
    if (resolution.kind === 'one' && resolution.disk.isUnprobed) {
      return blocked(`nobody has read yet what is on ${resolution.disk.path}`);
    }
    // Firmware may ask by any of its cards, and by the one of the rack file also when Talos did not show it.
    const macs = [...new Set([...(entry.mac === undefined ? [] : [entry.mac]), ...identityMacs({ links })])];
    const memory = { bootMark, disk: approved, macs: macs.join(' ') };
    seenBoot = bootMark;
    const waits = `waits in maintenance mode at ${address}`;
    if (!past.uncertain) return todo(waits, { memory });
    unchangedSince = unchangedBefore ?? clock.monotonic();
    if (clock.monotonic() - unchangedSince < settleSpan) {
      return blocked('was told to install earlier; watching whether it does');
    }
    return todo(`${waits}, and did not take the config`, { memory, untouched: true });
  };

  const checkConfigured = (observation: TalosObservation, past: StepPast): Verdict => {
    const { stage, bootMark, systemDisk, disks, version, image } = observation;
    if (stage === 'installing' || past.memory?.['bootMark'] === bootMark) return installing(observation);
    if (stage !== 'booting' && stage !== 'running') return blocked(stage);
    const disk = disks.find((one) => one.name === systemDisk);
    if (disk === undefined) return blocked('answers, but does not know its system disk yet');
    const resolution = resolveDisk(entry.disk, disks);
    const expected =
      approved ?? (resolution.kind === 'one' ? resolution.id : `the one disk of its selector (${resolution.kind})`);
    const actual = idOf(disk, disks) ?? disk.path;
    if (actual !== expected) throw wrongSystemDisk({ name, expected, actual });
    if (version !== talosVersion) throw wrongVersion({ name, expected: talosVersion, actual: version });
    // What a machine does not tell is not held against it; what it tells has to be what was asked for.
    if (schematic !== undefined && image !== undefined && compareSchematic(image, schematic).kind !== 'same') {
      throw wrongSchematic({ name, expected: schematic, actual: image.schematic });
    }
    return done;
  };

  return {
    id: installStepId(name),
    title: `Install Talos ${talosVersion} on ${name}`,
    machine: name,
    after: [],
    timeout: minutes(30),
    once: true,
    turn: { of: 'install', limit: parallel },
    async check(past, signal) {
      const unchangedBefore = unchangedSince;
      unchangedSince = undefined;
      const observation = await find(entry, signal);
      if (observation.mode === 'configured') return checkConfigured(observation, past);
      return checkInMaintenance(observation, past, signal, unchangedBefore);
    },
    async apply(signal) {
      const observation = await find(entry, signal);
      const { mode, stage, bootMark } = observation;
      if (mode !== 'maintenance' || stage !== 'maintenance' || bootMark !== seenBoot) throw machineChanged({ name });
      await configure(observation, signal);
    },
  };
}
