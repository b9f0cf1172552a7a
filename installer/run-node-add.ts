import type { ExitCode } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import { type Approval, approvePlan } from './approve-plan.ts';
import { settingsOf } from './check-settings.ts';
import { parseOverride } from './checks/override.ts';
import type { InstallSite } from './install-plan.ts';
import { noCluster } from './installer-faults.ts';
import { keepOverrides } from './keep-overrides.ts';
import { nodeAddPlan } from './node-add-plan.ts';
import type { OpenRack, RackOptions, RackPorts } from './open-rack.ts';
import { prepareInstall } from './prepare-install.ts';
import { type RackJob, runOnRack } from './run-on-rack.ts';
import { outcomeOf, type RunOutcome } from './run-outcome.ts';
import { installStepId } from './steps/install-machine.ts';

export interface NodeAddOptions extends RackOptions {
  readonly approval: Approval;
  /** `--override`, as typed. */
  readonly overrides: readonly string[];
  readonly discoveryTimeout: Millis;
}

/** Machines of the rack file that are not installed yet, into the cluster that runs. Never throws. */
export const runNodeAdd = (options: NodeAddOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(options, ports, nodeAddJob, options.discoveryTimeout);

function nodeAddJob(options: NodeAddOptions): RackJob {
  return {
    steps: async (rack) => {
      if (!rack.journal.pastOf('bootstrap-etcd').confirmed) throw noCluster({ rack: options.rackFile.spec.name });
      return nodeAddPlan(await rack.site(new Map()), notInstalled(rack));
    },
    work: (rack) => addNodes(rack, options),
  };
}

async function addNodes(open: OpenRack, options: NodeAddOptions): Promise<RunOutcome> {
  const { journal } = open;
  const { emit, pause, readOnly, approval, discoveryTimeout } = options;
  const { spec } = options.rackFile;
  const added = notInstalled(open);
  const names = spec.machines.map(({ name }) => name);
  const planOf = (site: InstallSite) => nodeAddPlan(site, added);
  const overrides = options.overrides.map((text) => parseOverride(text, names));
  // One that runs already may be away; whether etcd can do without it is asked below.
  const concerns = (machine: string) => added.some(({ name }) => name === machine);
  const prepared = await prepareInstall(open, { overrides, discoveryTimeout, planOf, concerns });
  if ('early' in prepared) return prepared.early;
  emit({ type: 'plan.proposed', plan: prepared.view });
  if (readOnly) return { kind: 'shown', steps: added.length === 0 ? 0 : prepared.view.steps.length };
  await keepOverrides(journal, prepared.checks);
  prepared.ensureReady();
  // A cluster that cannot take it refuses before anybody is asked.
  const steps = planOf(await open.site(new Map()));
  const end = steps.find(({ id }) => id === 'etcd-health');
  const gate = steps.filter((step) => step === end || end?.after.includes(step.id));
  const early = outcomeOf(await open.execute(gate));
  if (early !== undefined) return early;
  const { view, disks } = prepared;
  const { clock } = open.ports;
  const settings = settingsOf(spec);
  const approved = await approvePlan(view, disks, { journal, approval, settings, clock, emit }).catch(
    (thrown: unknown) => {
      // Ctrl-C at the question is leaving, not an answer.
      if (pause.aborted) return undefined;
      throw thrown;
    },
  );
  if (approved === undefined) return { kind: 'interrupted' };
  emit({ type: 'plan.approved', plan: view.digest });
  const ended = outcomeOf(await open.execute(await prepared.plan(approved)));
  const what = added.length === 0 ? 'nothing to add' : `${added.map(({ name }) => name).join(', ')} joined the cluster`;
  return ended ?? { kind: 'done', what };
}

/** The machines whose install was not seen to be done. */
const notInstalled = ({ journal, options }: OpenRack): readonly MachineSpec[] =>
  options.rackFile.spec.machines.filter(({ name }) => !journal.pastOf(installStepId(name)).confirmed);
