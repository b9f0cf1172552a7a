import type { CheckResult } from '../core/check-result.ts';
import { defineFault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import { blocked, type Plan, type Step } from '../core/step.ts';
import { foundOn } from './approve-plan.ts';
import { machineUnfit } from './checks/check-faults.ts';
import type { Override } from './checks/override.ts';
import { probeMachine } from './checks/probe-rack.ts';
import { checkMachine, obstaclesIn } from './checks/run-checks.ts';
import type { InstallSite } from './install-plan.ts';
import { keepDisk } from './keep-disk.ts';
import { keepOverrides } from './keep-overrides.ts';
import type { OpenRack } from './open-rack.ts';
import { resolveDisk } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';
import { installStepId } from './steps/install-machine.ts';

const fingerprintChanged = defineFault<{ name: string; shown: string | undefined; now: string }>(
  'installer/fingerprint-changed',
  {
    kind: 'operator',
    exitCode: 3,
    title: ({ name, shown, now }) =>
      `${name} showed ${shown === undefined ? 'no certificate' : `the certificate ${shown}`} when the plan was made, and shows ${now} now`,
    state: ({ name }) => `Its config, which holds the keys of the cluster, was not sent to ${name}.`,
    remedy: ({ name }) =>
      `It has a new one after a reboot, and twice a day. Compare it with the one on the console of ${name}, and run the same command again: the new plan shows it.`,
  },
);

const contentChanged = defineFault<{ name: string; disk: string; shown: string; now: string }>(
  'installer/disk-content-changed',
  {
    kind: 'operator',
    exitCode: 3,
    title: ({ name, disk, shown, now }) =>
      `${disk} of ${name} held ${shown} when the plan was made, and holds ${now} now`,
    state: ({ name }) => `Nothing was written on ${name}. Other machines go on.`,
    remedy: () => 'Look who has written there, and run the same command again: the new plan shows what is on it.',
  },
);

interface Guard {
  readonly open: OpenRack;
  readonly overrides: readonly Override[];
  /** By machine: the fingerprint in the plan. */
  readonly pins: ReadonlyMap<string, string>;
  /** By machine whose disk the plan writes: what was on it when the plan was made. */
  readonly found: ReadonlyMap<string, string>;
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
 * and once more right before its first write. What an override lets pass only then is kept in the journal, and so is what lies
 * on the disk. Faults:
 * `installer/machine-unfit`, `installer/fingerprint-changed`, `installer/disk-content-changed`.
 */
export function guardInstalls(plan: Plan, guard: Guard): Plan {
  const { spec } = guard.open.options.rackFile;
  const entries = new Map(spec.machines.map((entry) => [installStepId(entry.name), entry]));
  return plan.map((step) => {
    const entry = entries.get(step.id);
    return entry === undefined ? step : guardStep(step, entry, guard);
  });
}

function guardStep(step: Step, entry: MachineSpec, guard: Guard): Step {
  const { open, pins, found } = guard;
  const { name } = entry;
  const { spec } = open.options.rackFile;
  const { apply } = step;
  const planned = new Map(guard.checks.filter(({ machine }) => machine === name).map((row) => [row.check, row]));
  const before = obstaclesIn([...planned.values()]);
  // An override is for what was seen to fail. One whose install had begun was not looked at when the plan was made.
  const overrides = guard.overrides.filter(({ check }) => planned.size === 0 || planned.get(check)?.status === 'fail');
  let now: readonly CheckResult[] = [];
  let seen: TalosObservation | undefined;
  return {
    ...step,
    async check(past, signal) {
      if (before.length > 0) throw machineUnfit({ name, failed: before });
      const verdict = await step.check(past, signal);
      if (verdict.kind !== 'todo') return verdict;
      const { ports, watch } = open;
      const rack = watch.rack();
      const resolution = resolveMachine(entry, spec, rack);
      if (resolution.kind === 'found') {
        const { talos } = resolution.machine;
        seen = talos;
        ensurePinned(name, pins, talos?.fingerprint);
        if (!past.uncertain && talos !== undefined) ensureSameContent(entry, talos, found.get(name));
      }
      const probes = {
        rack: {},
        machines: new Map([[name, await probeMachine(name, { spec, rack, ports, signal })]]),
      };
      now = checkMachine(name, { spec, rack, probes, overrides, now: ports.clock.now().getTime() });
      const failed = obstaclesIn(now);
      if (failed.length > 0) throw machineUnfit({ name, failed });
      const unsettled = now.find(({ status }) => status === 'pending');
      return unsettled === undefined ? verdict : blocked(`${unsettled.check}: ${unsettled.says}`);
    },
    ...(apply !== undefined && {
      async apply(signal) {
        await keepOverrides(
          open.journal,
          now.filter(({ check, says }) => planned.get(check)?.says !== says),
        );
        const choice = seen === undefined ? undefined : resolveDisk(entry.disk, seen.disks);
        if (choice?.kind === 'one') await keepDisk(open.journal, name, choice.disk, choice.id);
        await apply(signal);
      },
    }),
  };
}

/** Nobody has seen in a plan what has no pin. */
function ensurePinned(name: string, pins: ReadonlyMap<string, string>, now = 'none'): void {
  const shown = pins.get(name);
  if (now !== shown) throw fingerprintChanged({ name, shown, now });
}

/** What has come onto the disk since the plan was made was in no question. */
function ensureSameContent({ name, disk }: MachineSpec, { disks }: TalosObservation, shown: string | undefined): void {
  const choice = resolveDisk(disk, disks);
  if (shown === undefined || choice.kind !== 'one' || choice.disk.isUnprobed === true) return;
  const now = foundOn(choice.disk);
  if (now !== shown) throw contentChanged({ name, disk: choice.disk.path, shown, now });
}
