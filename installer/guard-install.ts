import type { CheckResult } from '../core/check-result.ts';
import { defineFault } from '../core/fault.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import { blocked, type Plan, type Step } from '../core/step.ts';
import { machineUnfit } from './checks/check-faults.ts';
import type { Override } from './checks/override.ts';
import { probeMachine } from './checks/probe-rack.ts';
import { checkMachine, obstaclesIn } from './checks/run-checks.ts';
import type { InstallSite } from './install-plan.ts';
import type { OpenRack } from './open-rack.ts';
import { resolveMachine } from './resolve-machines.ts';
import { installStepId } from './steps/install-machine.ts';

const fingerprintChanged = defineFault<{ name: string; shown: string; now: string }>('installer/fingerprint-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, shown, now }) =>
    `${name} showed the certificate ${shown} when the plan was made, and shows ${now} now`,
  state: ({ name }) => `Its config, which holds the keys of the cluster, was not sent to ${name}.`,
  remedy: ({ name }) =>
    `It has a new one after a reboot, and twice a day. Compare it with the one on the console of ${name}, and run the same command again: the new plan shows it.`,
});

interface Guard {
  readonly open: OpenRack;
  readonly overrides: readonly Override[];
  /** By machine: the fingerprint in the plan. */
  readonly pins: ReadonlyMap<string, string>;
  /** What was found when the plan was made. */
  readonly checks: readonly CheckResult[];
}

/** Sends a config only to the machine whose certificate was in the plan. Fault `installer/fingerprint-changed`. */
export const guardSite = (site: InstallSite, pins: ReadonlyMap<string, string>): InstallSite => ({
  ...site,
  machine: (name) => {
    const machine = site.machine(name);
    return {
      ...machine,
      configure: async (observation, signal) => {
        ensurePinned(name, pins, observation.fingerprint);
        await machine.configure(observation, signal);
      },
    };
  },
});

/**
 * The same plan, in which nothing is written on a machine that a check stands in the way of: as found when the plan was made,
 * and once more right before its first write. Fault `installer/machine-unfit`.
 */
export function guardInstalls(plan: Plan, guard: Guard): Plan {
  const { spec } = guard.open.options.rackFile;
  const entries = new Map(spec.machines.map((entry) => [installStepId(entry.name), entry]));
  return plan.map((step) => {
    const entry = entries.get(step.id);
    return entry === undefined ? step : guardStep(step, entry, guard);
  });
}

function guardStep(step: Step, entry: MachineSpec, { open, overrides, pins, checks }: Guard): Step {
  const { name } = entry;
  const { spec } = open.options.rackFile;
  const before = obstaclesIn(checks.filter(({ machine }) => machine === name));
  return {
    ...step,
    async check(past, signal) {
      if (before.length > 0) throw machineUnfit({ name, failed: before });
      const verdict = await step.check(past, signal);
      if (verdict.kind !== 'todo') return verdict;
      const { ports, watch } = open;
      const rack = watch.rack();
      const resolution = resolveMachine(entry, spec, rack);
      if (resolution.kind === 'found') ensurePinned(name, pins, resolution.machine.talos?.fingerprint);
      const probes = {
        rack: {},
        machines: new Map([[name, await probeMachine(name, { spec, rack, ports, signal })]]),
      };
      const now = checkMachine(name, { spec, rack, probes, overrides, now: ports.clock.now().getTime() });
      const failed = obstaclesIn(now);
      if (failed.length > 0) throw machineUnfit({ name, failed });
      const unsettled = now.find(({ status }) => status === 'pending');
      return unsettled === undefined ? verdict : blocked(`${unsettled.check}: ${unsettled.says}`);
    },
  };
}

function ensurePinned(name: string, pins: ReadonlyMap<string, string>, now: string | undefined): void {
  const shown = pins.get(name);
  if (shown !== undefined && now !== undefined && now !== shown) throw fingerprintChanged({ name, shown, now });
}
