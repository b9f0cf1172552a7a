import { type CheckResult, isBlocking } from '../core/check-result.ts';
import { defineFault } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import type { PlanView } from '../core/plan-view.ts';
import type { Rack } from '../core/rack.ts';
import type { Plan } from '../core/step.ts';
import { foundOn } from './approve-plan.ts';
import { checksFailed } from './checks/check-faults.ts';
import type { Override } from './checks/override.ts';
import { probeRack } from './checks/probe-rack.ts';
import { checkMachine, checkRack, obstaclesIn } from './checks/run-checks.ts';
import { discoverRack } from './discover-rack.ts';
import { guardInstalls, guardSite } from './guard-install.ts';
import { guardOwnClock } from './guard-own-clock.ts';
import { type InstallSite, installPlan } from './install-plan.ts';
import type { OpenRack } from './open-rack.ts';
import { removedFinder, whyRemoved } from './removed-machines.ts';
import type { DiskId } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';
import type { RunOutcome } from './run-outcome.ts';
import { installStepId } from './steps/install-machine.ts';
import { type DisksToWrite, disksToWrite, viewPlan } from './view-plan.ts';

/** An install that was looked at from all sides, and nothing of it done. */
export interface PreparedInstall {
  readonly rack: Rack;
  readonly view: PlanView;
  /** Without those of machines that a check stands in the way of. */
  readonly disks: DisksToWrite;
  readonly checks: readonly CheckResult[];
  /** The steps, each write of which is checked once more right before it. */
  plan(approved: ReadonlyMap<string, DiskId>): Promise<Plan>;
  /** Throws `installer/checks-failed` when a check of the rack as a whole stands in the way, or none of its machines may be written. */
  ensureReady(): void;
}

/** The steps of an install as they are known before machines are: which of them there are, not what they would do. */
export const unpreparedPlan = async (open: OpenRack): Promise<Plan> => installPlan(await open.site(new Map()));

const joinsCluster = defineFault<{ names: readonly string[] }>('installer/joins-a-cluster', {
  kind: 'operator',
  exitCode: 3,
  title: ({ names }) => `The cluster lives already, and ${names.join(', ')} would join it as a control plane`,
  state: () => 'Nothing was started.',
  remedy: () =>
    'Run rackwright node add with the same rack file: it adds control planes one by one, each only while etcd is healthy.',
});

/** A whole install brings in all control planes together, which only a cluster without data can bear. */
function ensureNoneJoins({ journal, options }: OpenRack): void {
  if (!journal.pastOf('bootstrap-etcd').confirmed) return;
  const names = options.rackFile.spec.machines
    .filter(({ name, role }) => {
      const { uncertain, confirmed } = journal.pastOf(installStepId(name));
      return role === 'controlplane' && !uncertain && !confirmed;
    })
    .map(({ name }) => name);
  if (names.length > 0) throw joinsCluster({ names });
}

const machineReturned = defineFault<{ name: string; why: string }>('installer/machine-returned', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, why }) => `${name} runs from its disk, and ${why}`,
  state: () => 'Nothing was started. Its etcd is no member any more, and its kubelet may report to Kubernetes again.',
  remedy: ({ name }) => `Switch ${name} off, wipe its disk, release it, and run the same command again.`,
});

/** Its Talos would be taken for a machine that was installed. */
function ensureNoneReturned({ journal, options: { rackFile } }: OpenRack, rack: Rack): void {
  const findRemoved = removedFinder(journal);
  for (const entry of rackFile.spec.machines) {
    const resolution = resolveMachine(entry, rackFile.spec, rack);
    const machine = resolution.kind === 'found' ? resolution.machine : undefined;
    const removed = machine?.talos?.mode === 'configured' ? findRemoved(machine.macs) : undefined;
    if (removed !== undefined) throw machineReturned({ name: entry.name, why: whyRemoved(removed) });
  }
}

/** Finds the machines, asks and checks everything that can be known before the first write, and shows it. */
export async function prepareInstall(
  open: OpenRack,
  {
    overrides,
    discoveryTimeout,
    planOf = installPlan,
    concerns,
  }: {
    readonly overrides: readonly Override[];
    readonly discoveryTimeout: Millis;
    /** The steps; those of a whole install when left out. */
    readonly planOf?: (site: InstallSite) => Plan;
    /** The machines to wait for; all of the rack file when left out. */
    readonly concerns?: (machine: string) => boolean;
  },
): Promise<PreparedInstall | { readonly early: RunOutcome }> {
  const { journal, ports, options } = open;
  const { emit, pause } = options;
  const { spec } = options.rackFile;
  if (planOf === installPlan) ensureNoneJoins(open);
  const found = await discoverRack(open, discoveryTimeout, concerns);
  if ('early' in found) return found;
  const { rack } = found;
  ensureNoneReturned(open, rack);
  const wanted = disksToWrite(spec, rack, journal);
  const names = [...wanted.keys()];

  const checks: CheckResult[] = [];
  if (names.length > 0) {
    const probes = await probeRack(names, { spec, rack, ports, signal: pause });
    const input = { spec, rack, probes, overrides, now: ports.clock.now().getTime() };
    checks.push(...checkRack(input), ...names.flatMap((name) => checkMachine(name, input)));
    for (const result of checks) emit({ type: 'check.finished', ...result });
  }
  if (pause.aborted) return { early: { kind: 'interrupted' } };
  const blocked = new Map(
    names.flatMap((name) => {
      const by = checks.filter((result) => result.machine === name && isBlocking(result)).map(({ check }) => check);
      return by.length === 0 ? [] : [[name, by] as const];
    }),
  );
  const disks = new Map([...wanted].filter(([name]) => !blocked.has(name)));
  const view = await viewPlan({ spec, rack, disks, checks, blocked }, planOf(await open.site(new Map())));
  const pins = new Map(
    view.machines.flatMap(({ name, fingerprint }) => (fingerprint === undefined ? [] : [[name, fingerprint] as const])),
  );
  return {
    rack,
    view,
    disks,
    checks,
    async plan(approved) {
      const steps = planOf(guardSite(await open.site(approved), pins));
      const found = new Map([...disks].map(([name, { disk }]) => [name, foundOn(disk)]));
      const guarded = guardInstalls(steps, { open, overrides, pins, found, checks });
      return guardOwnClock(guarded, { spec, ports, overrides });
    },
    ensureReady() {
      const whole = checks.filter(({ machine }) => machine === undefined);
      const isNothingLeft = names.length > 0 && disks.size === 0;
      const failed = obstaclesIn(isNothingLeft ? checks : whole);
      if (failed.length > 0) throw checksFailed({ failed });
    },
  };
}
