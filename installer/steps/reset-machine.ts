import { defineFault } from '../../core/fault.ts';
import type { TalosObservation } from '../../core/machine.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step, todo } from '../../core/step.ts';
import type { FindMachine } from '../find-machine.ts';

const resetFailed = defineFault<{ name: string; stage: string }>('installer/reset-failed', {
  kind: 'operator',
  title: ({ name, stage }) => `${name} rebooted after it was told to reset, and still runs from its disk (${stage})`,
  state: () => 'Its disk was not wiped. It has left etcd and Kubernetes already.',
  remedy: ({ name }) => `Read its log (talosctl dmesg), then run the same command with --retry reset/${name}`,
});

export const resetStepId = (name: string) => `reset/${name}`;

export interface ResetMachine {
  readonly entry: MachineSpec;
  readonly after: readonly string[];
  readonly find: FindMachine;
  /** Remembers that the machine is not installed any more, so that it may boot from the network. */
  readonly forget: () => Promise<void>;
  readonly reset: (observation: TalosObservation, signal: AbortSignal) => Promise<void>;
}

/**
 * A machine is in maintenance mode again, without anything of the cluster on its system disk. Told once in one boot of it:
 * when it comes back from its disk all the same, somebody has to look.
 */
export function resetMachine({ entry, after, find, forget, reset }: ResetMachine): Step {
  const { name } = entry;
  let seenBoot: string | undefined;
  return {
    id: resetStepId(name),
    title: `Reset ${name} to maintenance mode`,
    machine: name,
    after,
    timeout: minutes(30),
    once: true,
    async check(past, signal) {
      const { mode, stage, bootMark, systemDisk } = await find(entry, signal);
      if (mode === 'maintenance') {
        if (stage !== 'maintenance') return blocked(`is in maintenance mode, and still ${stage}`);
        return systemDisk === undefined ? done : blocked(`is in maintenance mode, with Talos still on ${systemDisk}`);
      }
      if (stage === 'resetting' || stage === 'rebooting') return blocked(stage);
      const told = past.memory?.['bootMark'];
      if (past.uncertain && told !== bootMark) throw resetFailed({ name, stage });
      seenBoot = bootMark;
      return todo('runs from its disk', { memory: { bootMark }, untouched: true });
    },
    async apply(signal) {
      const observation = await find(entry, signal);
      if (observation.mode !== 'configured' || observation.bootMark !== seenBoot) return;
      // Before the disk is empty: from then on only the network can boot it.
      await forget();
      await reset(observation, signal);
    },
  };
}
