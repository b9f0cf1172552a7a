import type { ExitCode } from '../core/fault.ts';
import { type Millis, renderDuration } from '../core/millis.ts';
import { spanBetween } from '../core/timestamp.ts';
import type { Approval } from './approve-plan.ts';
import { ensureOverride } from './checks/override.ts';
import { comparePlans } from './compare-plans.ts';
import { keepOverrides } from './keep-overrides.ts';
import type { RackOptions, RackPorts } from './open-rack.ts';
import { type PlanFile, planAge } from './plan-file.ts';
import { factsChanged, planOfOtherRack, rackFileChanged } from './plan-file-faults.ts';
import { prepareInstall, unpreparedPlan } from './prepare-install.ts';
import { type RackJob, runOnRack } from './run-on-rack.ts';
import { rackFileDigest } from './run-plan-install.ts';
import { runInstall } from './run-up.ts';

export interface ApplyOptions extends RackOptions {
  readonly approval: Approval;
  readonly discoveryTimeout: Millis;
  readonly file: PlanFile;
  /** Path of the plan file, as typed. */
  readonly planFile: string;
}

/**
 * Runs a plan that was kept in a file, if everything that it rests on is as it was: the rack file with the files that it
 * names, of each machine its identity, its certificate, its disk and what is on it, which of them are written, and what the
 * plan comes to as a whole. Asks and goes on as `up` does. Never throws.
 */
export const runApply = (options: ApplyOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(options, ports, (complete) => applyJob(complete, ports), options.discoveryTimeout);

function applyJob(options: ApplyOptions, ports: RackPorts): RackJob {
  const { file, planFile: path, rackFile, emit, approval, discoveryTimeout } = options;
  const { spec } = rackFile;
  // A plan file is a text like a command line: what may not be said there may not be said here.
  const overridesOf = () => {
    const names = spec.machines.map(({ name }) => name);
    return file.overrides.map((override) => ensureOverride(override, names));
  };
  return {
    steps: async (open) => {
      if (spec.name !== file.plan.rack) throw planOfOtherRack({ path, rack: file.plan.rack, other: spec.name });
      if ((await rackFileDigest(open, file.rackFile.path)) !== file.rackFile.sha256)
        throw rackFileChanged({ path, rackFile: file.rackFile.path });
      overridesOf();
      return unpreparedPlan(open);
    },
    work: async (open) => {
      const age = spanBetween(file.made, ports.clock.now().toISOString());
      if (age > planAge)
        emit({
          type: 'plan.doubted',
          reason: `The plan is ${renderDuration(age)} old; look whether it is still what you want.`,
        });
      const prepared = await prepareInstall(open, { overrides: overridesOf(), discoveryTimeout });
      if ('early' in prepared) return prepared.early;
      emit({ type: 'plan.proposed', plan: prepared.view });
      const changes = await comparePlans(file, { spec, journal: open.journal, prepared });
      if (changes.length > 0) throw factsChanged({ path, changes });
      await keepOverrides(open.journal, prepared.checks);
      return runInstall(open, prepared, approval);
    },
  };
}
