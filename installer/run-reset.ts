import { defineFault, type ExitCode, faultFrom } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { Millis } from '../core/millis.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import type { Plan, StepPast } from '../core/step.ts';
import { connectTalos } from '../talos/index.ts';
import { type Approval, askApproval } from './approve-plan.ts';
import { askOwnEtcd } from './ask-etcd.ts';
import { discoveryPlan } from './discovery-plan.ts';
import { judgeEarlierReset } from './earlier-reset.ts';
import { ensureMachine } from './ensure-machine.ts';
import { machineFinder } from './find-machine.ts';
import { keepDisk } from './keep-disk.ts';
import type { OpenRack, RackOptions, RackPorts } from './open-rack.ts';
import { type ResetSite, resetPlan } from './reset-plan.ts';
import type { DiskId } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';
import { runOnRack } from './run-on-rack.ts';
import { outcomeOf, type RunOutcome } from './run-outcome.ts';
import { installStepId } from './steps/install-machine.ts';
import { resetStepId, systemDiskId } from './steps/reset-machine.ts';
import { type DisksToWrite, viewPlan } from './view-plan.ts';

export interface ResetOptions extends RackOptions {
  /** Its name in the rack file. */
  readonly machine: string;
  readonly approval: Approval;
  readonly discoveryTimeout: Millis;
}

const systemDiskUnknown = defineFault<{ name: string }>('installer/system-disk-unknown', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name }) => `Nobody can say by its serial or WWID which disk ${name} runs Talos from`,
  state: () => 'Nothing was changed.',
  remedy: () =>
    'Run the same command again once the machine is up. If it stays: wipe it by other means, for no disk is wiped that cannot be named.',
});

/** One machine back to maintenance mode: out of Kubernetes, out of etcd, and its system disk wiped. Never throws. */
export const runReset = (given: ResetOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(given, ports, (options) => ({
    steps: async (rack) => resetPlan(await siteFor(rack, options, { isKubeThere: true, approved: undefined })),
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

  const talos = observed(open, entry);
  const step = resetStepId(name);
  const earlier = judgeEarlierReset(journal, name, talos);
  const isResumed = earlier === 'going-on';
  const disks = diskToWipe(name, talos, isResumed);
  // What was approved once is what is wiped, also when the machine has begun to forget it.
  const known = isResumed ? journal.pastOf(step).memory?.['disk'] : undefined;
  const approved = (known as DiskId | undefined) ?? disks.get(name)?.id;
  const plan = resetPlan(await siteFor(open, options, { isKubeThere: await isKubeThere(open, options), approved }));
  const view = await viewPlan(
    {
      spec: { ...rackFile.spec, machines: [entry] },
      rack: watch.rack(),
      disks,
      checks: [],
      blocked: new Map(),
    },
    plan,
  );
  emit({ type: 'plan.proposed', plan: view });
  const past = earlier === 'void' ? { uncertain: false, confirmed: false } : journal.pastOf(step);
  await ensureMayBegin(plan, step, past, options.stop);
  if (readOnly) return { kind: 'shown', steps: plan.length };
  const by = isResumed
    ? 'an earlier run'
    : await askApproval(view, [name], approval).catch((thrown: unknown) => {
        if (pause.aborted) return undefined;
        throw thrown;
      });
  if (by === undefined) return { kind: 'interrupted' };
  emit({ type: 'plan.approved', plan: view.digest });
  if (earlier === 'void' || journal.pastOf(step).confirmed) {
    await journal.append({ type: 'step.permitted', step, reason: `reset again, approved by ${by}` });
  }
  const ended = outcomeOf(await open.execute(plan));
  return ended ?? { kind: 'done', what: `${name} is in maintenance mode` };
}

/** What stands in the way of the wipe is said before anything else is done for it. */
async function ensureMayBegin(plan: Plan, id: string, past: StepPast, signal: AbortSignal): Promise<void> {
  await plan
    .find((step) => step.id === id)
    ?.check(past, signal)
    .catch((thrown: unknown) => {
      // A machine that is silent for a moment is waited for by the step itself.
      if (faultFrom(thrown).kind !== 'environment') throw thrown;
    });
}

const entryOf = ({ rackFile, machine }: ResetOptions): MachineSpec => ensureMachine(rackFile.spec, machine);

const observed = ({ watch, options }: OpenRack, entry: MachineSpec): TalosObservation | undefined => {
  const resolution = resolveMachine(entry, options.rackFile.spec, watch.rack());
  return resolution.kind === 'found' ? resolution.machine.talos : undefined;
};

/** The system disk, which is what is lost; none of a machine in maintenance mode. Fault `installer/system-disk-unknown`. */
function diskToWipe(name: string, talos: TalosObservation | undefined, isResumed: boolean): DisksToWrite {
  const disk = talos?.disks.find((one) => one.name === talos.systemDisk);
  const id = talos === undefined ? undefined : systemDiskId(talos);
  if (talos?.mode !== 'maintenance' && disk !== undefined && id !== undefined) return new Map([[name, { disk, id }]]);
  if (talos?.mode === 'maintenance' || isResumed) return new Map();
  throw systemDiskUnknown({ name });
}

async function isKubeThere(open: OpenRack, { stop }: ResetOptions): Promise<boolean> {
  const { kube } = await open.site(new Map());
  return kube((client) => client.readyz(stop)).catch(() => false);
}

async function siteFor(
  open: OpenRack,
  options: ResetOptions,
  { isKubeThere, approved }: { readonly isKubeThere: boolean; readonly approved: DiskId | undefined },
): Promise<ResetSite> {
  const { journal, secrets, watch } = open;
  const { spec } = options.rackFile;
  const entry = entryOf(options);
  const { name } = entry;
  const install = await open.site(new Map());
  const controlPlanes = spec.machines.filter(({ role }) => role === 'controlplane');
  const others = controlPlanes.filter((one) => one.name !== name);
  const talos = install.talos;
  const find = machineFinder({ spec, ...watch });
  return {
    entry,
    kube: isKubeThere ? install.kube : undefined,
    etcd: {
      async own(signal) {
        const { mode, address } = await find(entry, signal);
        if (mode === 'maintenance') return { kind: 'none' };
        return talos({ ...entry, address }, (client) => askOwnEtcd(client, signal));
      },
      // It is asked itself as long as the others list it; what it says of the cluster after it has left does not count.
      async ask(signal) {
        const cluster = await install.etcdCluster(others, signal);
        return cluster.members.length === 0 ? install.etcdCluster([...others, entry], signal) : cluster;
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
      find,
      approved,
      async forget() {
        const step = installStepId(name);
        const { confirmed, uncertain } = journal.pastOf(step);
        if (confirmed || uncertain) await journal.append({ type: 'step.permitted', step, reason: `${name} is reset` });
      },
      async reset(observation, signal) {
        const keys = await secrets.keys();
        if (keys === undefined) return;
        const { address, disks, systemDisk } = observation;
        const disk = disks.find((one) => one.name === systemDisk);
        if (disk !== undefined && approved !== undefined) await keepDisk(journal, name, disk, approved);
        const client = connectTalos({ address, keys });
        // Not graceful: what that does was done before, and Talos would wait for an etcd that has left already.
        const wipe = { graceful: false, reboot: true, wipe: 'SYSTEM_DISK' as const };
        await client.reset(wipe, { signal }).finally(() => client.close());
      },
    },
  };
}
