import { defineFault, type ExitCode } from '../core/fault.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import { askApproval } from './approve-plan.ts';
import { ensureMachine } from './ensure-machine.ts';
import { noCluster } from './installer-faults.ts';
import type { OpenRack, RackPorts } from './open-rack.ts';
import { type RemoveDeadSite, removeDeadPlan } from './remove-dead-plan.ts';
import { macsToHold, removedMachines } from './removed-machines.ts';
import { resolveMachine } from './resolve-machines.ts';
import { runOnRack } from './run-on-rack.ts';
import { outcomeOf, type RunOutcome } from './run-outcome.ts';
import type { ResetOptions } from './run-reset.ts';
import { installStepId } from './steps/install-machine.ts';
import { viewPlan } from './view-plan.ts';

const notNow = defineFault<{ name: string; why: string }>('installer/not-to-be-removed-now', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, why }) => `${name} cannot be taken out of the cluster now: ${why}`,
  state: () => 'Nothing was changed.',
  remedy: ({ name }) =>
    `See that every control plane but ${name} answers, and that the rack file has its MAC address; then run the same command again.`,
});

/** A machine that will never answer again, out of the cluster; it may leave the rack file then. Never throws. */
export const runRemoveDead = (given: ResetOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(given, ports, (options) => ({
    steps: async (rack) => {
      if (!rack.journal.pastOf('bootstrap-etcd').confirmed) throw noCluster({ rack: options.rackFile.spec.name });
      return removeDeadPlan(await siteFor(rack, options));
    },
    work: (rack) => removeDead(rack, options),
  }));

async function removeDead(open: OpenRack, options: ResetOptions): Promise<RunOutcome> {
  const { emit, pause, rackFile, machine: name, approval, readOnly, stop } = options;
  const entry = ensureMachine(rackFile.spec, name);
  const site = await siteFor(open, options);
  const plan = removeDeadPlan(site);
  const spec = { ...rackFile.spec, machines: [entry] };
  const view = await viewPlan(
    { spec, rack: open.watch.rack(), disks: new Map(), checks: [], blocked: new Map() },
    plan,
  );
  emit({ type: 'plan.proposed', plan: view });
  // What stands in the way is said before anybody is asked, and once more when it is done. Without a majority of etcd
  // Kubernetes does not answer either, so etcd comes first.
  const leaving = await plan
    .find(({ id }) => id === `leave-etcd/${name}`)
    ?.check({ uncertain: false, confirmed: false }, stop);
  if (leaving?.kind === 'blocked') throw notNow({ name, why: leaving.reason });
  const early = outcomeOf(await open.execute(plan.filter(({ id }) => id === `silent/${name}`)));
  if (early !== undefined) return early;
  if (readOnly) return { kind: 'shown', steps: plan.length };
  emit({ type: 'plan.doubted', reason: onlyAPerson(name) });
  const by = await askApproval(view, [name], approval, 'gives up').catch((thrown: unknown) => {
    if (pause.aborted) return undefined;
    throw thrown;
  });
  if (by === undefined) return { kind: 'interrupted' };
  emit({ type: 'plan.approved', plan: view.digest });
  const ended = outcomeOf(await open.execute(removeDeadPlan(await siteFor(open, options))));
  return (
    ended ?? {
      kind: 'done',
      what: `${name} is out of the cluster; its disk was not touched: wipe it before it is used again`,
    }
  );
}

const onlyAPerson = (name: string) =>
  `Only a person can know that ${name} is switched off and stays so. If it still runs, its pods run twice and may write the same volumes.`;

async function siteFor(open: OpenRack, options: ResetOptions): Promise<RemoveDeadSite> {
  const { journal, watch, ports } = open;
  const { spec } = options.rackFile;
  const entry = ensureMachine(spec, options.machine);
  const { name } = entry;
  const install = await open.site(new Map());
  const others = spec.machines.filter((one) => one.role === 'controlplane' && one.name !== name);
  const machine = () => {
    const resolution = resolveMachine(entry, spec, watch.rack());
    return resolution.kind === 'found' ? resolution.machine : undefined;
  };
  return {
    entry,
    silence: {
      addresses: () => [...new Set([entry.address, machine()?.address ?? entry.address])],
      look: watch.look,
      kube: install.kube,
      clock: ports.clock,
    },
    removed: {
      isNoted: () => {
        const { uncertain, confirmed } = journal.pastOf(installStepId(name));
        return !uncertain && !confirmed && removedMachines(journal.entries).some((one) => one.name === name);
      },
      async note() {
        await journal.append({ type: 'machine.removed', machine: name, macs: macsOf(open, entry) });
        await journal.append({ type: 'step.permitted', step: installStepId(name), reason: `${name} was removed` });
      },
    },
    etcd: {
      ask: (signal) => install.etcdCluster(others, signal),
      async leave(member, signal) {
        // By its id: a name may be that of a living one, too.
        await Promise.any(
          others.map((one) => install.talos(one, (client) => client.etcdRemoveMember(member.id, { signal }))),
        ).catch((thrown: unknown) => {
          throw thrown instanceof AggregateError ? thrown.errors[0] : thrown;
        });
      },
    },
    kube: install.kube,
  };
}

/** All that is known of it: what it was installed with, what was seen of it, and what the rack file says. */
function macsOf({ journal, watch, options }: OpenRack, entry: MachineSpec): readonly string[] {
  const resolution = resolveMachine(entry, options.rackFile.spec, watch.rack());
  const seen = resolution.kind === 'found' ? resolution.machine.macs : [];
  const { memory } = journal.pastOf(installStepId(entry.name));
  const installed = (memory?.['macs'] ?? memory?.['mac'] ?? '').split(' ');
  const macs = [...new Set([...installed, ...seen, entry.mac ?? ''])].filter((mac) => mac !== '');
  // Without one it could not be held when it comes back.
  if (macs.length === 0) throw notNow({ name: entry.name, why: 'none of its MAC addresses is known' });
  return macsToHold(macs, removedMachines(journal.entries));
}
