import { checkPlan } from '../core/check-plan.ts';
import { type ExitCode, viewOf } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import { type Approval, approvePlan } from './approve-plan.ts';
import { settingsOf } from './check-settings.ts';
import { parseOverride } from './checks/override.ts';
import { keepOverrides } from './keep-overrides.ts';
import type { OpenRack, RackOptions, RackPorts } from './open-rack.ts';
import { type PreparedInstall, prepareInstall, unpreparedPlan } from './prepare-install.ts';
import { type RackJob, runOnRack } from './run-on-rack.ts';
import { outcomeOf, type RunOutcome } from './run-outcome.ts';

export interface UpOptions extends RackOptions {
  readonly approval: Approval;
  readonly discoveryTimeout: Millis;
  /** `CHECK[@MACHINE]=REASON`, as typed. */
  readonly overrides: readonly string[];
}

/** The main job: from a rack file and machines that power on to a cluster that Flux takes over. Never throws. */
export const runUp = (options: UpOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(options, ports, upJob, options.discoveryTimeout);

function upJob(options: UpOptions): RackJob {
  return {
    steps: async (open) => {
      overridesOf(options);
      return unpreparedPlan(open);
    },
    work: async (open) => {
      const overrides = overridesOf(options);
      const prepared = await prepareInstall(open, { overrides, discoveryTimeout: options.discoveryTimeout });
      if ('early' in prepared) return prepared.early;
      options.emit({ type: 'plan.proposed', plan: prepared.view });
      if (options.readOnly) return tryOut(open, prepared);
      await keepOverrides(open.journal, prepared.checks);
      return runInstall(open, prepared, options.approval);
    },
  };
}

const overridesOf = ({ overrides, rackFile }: UpOptions) => {
  const names = rackFile.spec.machines.map(({ name }) => name);
  return overrides.map((text) => parseOverride(text, names));
};

/** Asks for a plan that was shown, and runs it. */
export async function runInstall(open: OpenRack, prepared: PreparedInstall, approval: Approval): Promise<RunOutcome> {
  const { emit, pause, rackFile } = open.options;
  const { view, disks } = prepared;
  prepared.ensureReady();
  const settings = settingsOf(rackFile.spec);
  const { clock } = open.ports;
  const approved = await approvePlan(view, disks, { journal: open.journal, approval, settings, clock, emit }).catch(
    (thrown: unknown) => {
      // Ctrl-C at the question is leaving, not an answer.
      if (pause.aborted) return undefined;
      throw thrown;
    },
  );
  if (approved === undefined) return { kind: 'interrupted' };
  emit({ type: 'plan.approved', plan: view.digest });
  const ended = outcomeOf(await open.execute(await prepared.plan(approved)));
  return ended ?? { kind: 'done', what: 'handed off to Flux' };
}

/** A dry run: asks every step once, as if the disks were approved. */
export async function tryOut(open: OpenRack, prepared: PreparedInstall): Promise<RunOutcome> {
  const { emit, stop } = open.options;
  prepared.ensureReady();
  const plan = await prepared.plan(new Map([...prepared.disks].map(([name, { id }]) => [name, id])));
  const { open: steps, faults } = await checkPlan(plan, open.journal, stop);
  // What a check holds back is told with the checks; the rest of the plan is one all the same.
  const grave = faults.filter(({ fault }) => fault.code !== 'installer/machine-unfit');
  for (const { step, fault } of grave)
    emit({ type: 'step.failed', step: step.id, title: step.title, fault: viewOf(fault) });
  if (grave.length > 0) return { kind: 'failed', faults: grave.map(({ fault }) => fault) };
  return { kind: 'shown', steps: steps.length };
}
