import type { ExitCode } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import { connectTalos } from '../talos/index.ts';
import { type Approval, askApproval } from './approve-plan.ts';
import { discoveryPlan } from './discovery-plan.ts';
import { ensureMachine } from './ensure-machine.ts';
import { machineFinder } from './find-machine.ts';
import type { OpenRack, RackOptions, RackPorts } from './open-rack.ts';
import { type ResetSite, resetPlan } from './reset-plan.ts';
import { idOf } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';
import { runOnRack } from './run-on-rack.ts';
import { outcomeOf, type RunOutcome } from './run-outcome.ts';
import { installStepId } from './steps/install-machine.ts';
import { resetStepId } from './steps/reset-machine.ts';
import { viewPlan } from './view-plan.ts';

export interface ResetOptions extends RackOptions {
  /** Its name in the rack file. */
  readonly machine: string;
  /** Labels of the system partitions to wipe, such as STATE; the whole system disk when empty. */
  readonly partitions: readonly string[];
  readonly approval: Approval;
  readonly discoveryTimeout: Millis;
}

/** One machine back to maintenance mode: out of Kubernetes, out of etcd, and its system disk wiped. Never throws. */
export const runReset = (given: ResetOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(given, ports, (options) => ({
    steps: async (rack) => resetPlan(await siteFor(rack, options, { isKubeThere: true })),
    work: (rack) => reset(rack, options),
  }));

async function reset(open: OpenRack, options: ResetOptions): Promise<RunOutcome> {
  const { journal, watch } = open;
  const { emit, pause, rackFile, machine: name, approval, readOnly } = options;
  const entry = entryOf(options);
  const isUnderWay = (machine: string) => machine === name;
  const discovery = discoveryPlan({ ...rackFile, ...watch, isUnderWay, timeout: options.discoveryTimeout });
  const early = outcomeOf(await open.execute(discovery.filter(({ machine }) => machine === name)));
  if (early !== undefined) return early;

  const plan = resetPlan(await siteFor(open, options, { isKubeThere: await isKubeThere(open, options) }));
  const view = await viewPlan(
    {
      spec: { ...rackFile.spec, machines: [entry] },
      rack: watch.rack(),
      disks: disksOf(open, entry),
      checks: [],
      blocked: new Map(),
    },
    plan,
  );
  emit({ type: 'plan.proposed', plan: view });
  if (readOnly) return { kind: 'shown', steps: plan.length };
  const by = isResumed(open, name)
    ? 'an earlier run'
    : await askApproval(view, [name], approval).catch((thrown: unknown) => {
        if (pause.aborted) return undefined;
        throw thrown;
      });
  if (by === undefined) return { kind: 'interrupted' };
  emit({ type: 'plan.approved', plan: view.digest });
  if (journal.pastOf(resetStepId(name)).confirmed) {
    await journal.append({ type: 'step.permitted', step: resetStepId(name), reason: `reset again, approved by ${by}` });
  }
  const ended = outcomeOf(await open.execute(plan));
  return ended ?? { kind: 'done', what: `${name} is in maintenance mode` };
}

/** A reset that was begun and not seen to end was approved, and half of it may be done. */
const isResumed = ({ journal }: OpenRack, name: string) => journal.pastOf(resetStepId(name)).uncertain;

const entryOf = ({ rackFile, machine }: ResetOptions): MachineSpec => ensureMachine(rackFile.spec, machine);

/** The system disk, which is what is lost. */
function disksOf({ watch, options }: OpenRack, entry: MachineSpec) {
  const resolution = resolveMachine(entry, options.rackFile.spec, watch.rack());
  const talos = resolution.kind === 'found' ? resolution.machine.talos : undefined;
  const disk = talos?.disks.find(({ name }) => name === talos.systemDisk);
  const id = disk === undefined || talos === undefined ? undefined : idOf(disk, talos.disks);
  return new Map(disk === undefined || id === undefined ? [] : [[entry.name, { disk, id }]]);
}

async function isKubeThere(open: OpenRack, { stop }: ResetOptions): Promise<boolean> {
  const { kube } = await open.site(new Map());
  return kube((client) => client.readyz(stop)).catch(() => false);
}

async function siteFor(
  open: OpenRack,
  options: ResetOptions,
  { isKubeThere }: { readonly isKubeThere: boolean },
): Promise<ResetSite> {
  const { journal, secrets, watch } = open;
  const { spec } = options.rackFile;
  const entry = entryOf(options);
  const { name } = entry;
  const install = await open.site(new Map());
  const controlPlanes = spec.machines.filter(({ role }) => role === 'controlplane');
  const others = controlPlanes.filter((one) => one.name !== name);
  const talos = install.talos;
  return {
    entry,
    kube: isKubeThere ? install.kube : undefined,
    etcd: {
      // The one that leaves is asked too while it is a member; what is left of its opinion afterwards does not count.
      ask: async (signal) => {
        const cluster = await install.etcdCluster(controlPlanes, signal);
        return others.length === 0 ? cluster : reconcile(cluster, await install.etcdCluster(others, signal), name);
      },
      async leave(member, signal) {
        if (!member.isHealthy) {
          await Promise.any(
            others.map((one) => talos(one, (client) => client.etcdRemoveMember(member.id, { signal }))),
          );
          return;
        }
        await talos(entry, async (client) => {
          await client.etcdForfeitLeadership({ signal });
          await client.etcdLeave({ signal });
        });
      },
    },
    machine: {
      find: machineFinder({ spec, ...watch }),
      async forget() {
        const step = installStepId(name);
        const { confirmed, uncertain } = journal.pastOf(step);
        if (confirmed || uncertain) await journal.append({ type: 'step.permitted', step, reason: `${name} is reset` });
      },
      async reset({ address }, signal) {
        const keys = await secrets.keys();
        if (keys === undefined) return;
        const client = connectTalos({ address, keys });
        // Not graceful: what that does was done before, and Talos would wait for an etcd that has left already.
        const wipe = { graceful: false, reboot: true, wipe: 'SYSTEM_DISK' as const };
        await client.reset({ ...wipe, partitions: options.partitions }, { signal }).finally(() => client.close());
      },
    },
  };
}

/** Who has left does not count as a member, although it may still list itself. */
function reconcile<Cluster extends { members: readonly { hostname: string }[] }>(
  all: Cluster,
  others: Cluster,
  name: string,
): Cluster {
  if (others.members.length === 0) return all;
  return others.members.some(({ hostname }) => hostname === name) ? all : others;
}
