import type { ExitCode } from '../core/fault.ts';
import { type Millis, renderDuration } from '../core/millis.ts';
import { spanBetween } from '../core/timestamp.ts';
import type { Approval } from './approve-plan.ts';
import { keepOverrides } from './keep-overrides.ts';
import type { RackOptions, RackPorts } from './open-rack.ts';
import { changedFacts, factsOf, type PlanFacts } from './plan-facts.ts';
import { type PlanFile, planAge } from './plan-file.ts';
import { factsChanged, planOfOtherRack, rackFileChanged } from './plan-file-faults.ts';
import { prepareInstall, unpreparedPlan } from './prepare-install.ts';
import { type RackJob, runOnRack } from './run-on-rack.ts';
import { rackFileDigest } from './run-plan-install.ts';
import { runInstall } from './run-up.ts';
import { installStepId } from './steps/install-machine.ts';

export interface ApplyOptions extends RackOptions {
  readonly approval: Approval;
  readonly discoveryTimeout: Millis;
  readonly file: PlanFile;
  /** Path of the plan file, as typed. */
  readonly planFile: string;
}

/**
 * Runs a plan that was kept in a file, if everything that it rests on is as it was: the rack file, and of each machine
 * that it writes its identity, its certificate, its disk and what is on it. Asks and goes on as `up` does. Never throws.
 */
export const runApply = (options: ApplyOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(options, ports, (complete) => applyJob(complete, ports), options.discoveryTimeout);

function applyJob(options: ApplyOptions, ports: RackPorts): RackJob {
  const { file, planFile: path, rackFile, emit, approval, discoveryTimeout } = options;
  const { spec } = rackFile;
  return {
    steps: async (open) => {
      if (spec.name !== file.plan.rack) throw planOfOtherRack({ path, rack: file.plan.rack, other: spec.name });
      if ((await rackFileDigest(open, file.rackFile.path)) !== file.rackFile.sha256)
        throw rackFileChanged({ path, rackFile: file.rackFile.path });
      return unpreparedPlan(open);
    },
    work: async (open) => {
      const age = spanBetween(file.made, ports.clock.now().toISOString());
      if (age > planAge)
        emit({
          type: 'plan.doubted',
          reason: `The plan is ${renderDuration(age)} old; look whether it is still what you want.`,
        });
      const prepared = await prepareInstall(open, { overrides: file.overrides, discoveryTimeout });
      if ('early' in prepared) return prepared.early;
      emit({ type: 'plan.proposed', plan: prepared.view });
      // What an earlier run of this plan has begun is not as it was, and is judged by its own step.
      const isBegun = (name: string) => {
        const { uncertain, confirmed } = open.journal.pastOf(installStepId(name));
        return uncertain || confirmed;
      };
      const rest = (facts: PlanFacts): PlanFacts =>
        Object.fromEntries(Object.entries(facts).filter(([name]) => !isBegun(name)));
      const changes = changedFacts(rest(file.facts), rest(factsOf(spec, prepared.rack)));
      if (changes.length > 0) throw factsChanged({ path, changes });
      await keepOverrides(open.journal, prepared.checks);
      return runInstall(open, prepared, approval);
    },
  };
}
