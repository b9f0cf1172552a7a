import type { Journal } from '../core/journal.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { changedFacts, factsOf, type PlanFacts, writesIn } from './plan-facts.ts';
import type { PlanFile } from './plan-file.ts';
import type { PreparedInstall } from './prepare-install.ts';
import { installStepId } from './steps/install-machine.ts';
import { digestPlan } from './view-plan.ts';

interface PlanNow {
  readonly spec: RackSpec;
  readonly journal: Pick<Journal, 'pastOf'>;
  readonly prepared: Pick<PreparedInstall, 'rack' | 'view' | 'disks'>;
}

/**
 * Why a plan that was kept is not the one that would be run now, a sentence each: its facts, which disks it writes, and what
 * it approves as a whole. A machine whose install an earlier run of the plan has begun is not as it was, and is judged by its
 * own step; for the plan as a whole it counts as it was planned, with the disk on which that install was begun.
 */
export async function comparePlans(
  { facts, plan }: Pick<PlanFile, 'facts' | 'plan'>,
  { spec, journal, prepared }: PlanNow,
): Promise<readonly string[]> {
  const { rack, view, disks } = prepared;
  const pastOf = (name: string) => journal.pastOf(installStepId(name));
  const isBegun = (name: string) => pastOf(name).uncertain || pastOf(name).confirmed;
  const rest = (some: PlanFacts): PlanFacts =>
    Object.fromEntries(Object.entries(some).filter(([name]) => !isBegun(name)));
  const changes = [
    ...changedFacts(rest(facts), rest(factsOf(spec, rack))),
    ...changedFacts(rest(writesIn(plan)), rest(writesIn(view))),
  ];
  if (changes.length > 0) return changes;
  const planned = new Map(plan.machines.map((machine) => [machine.name, machine]));
  const machines = view.machines.map(
    (machine) => (isBegun(machine.name) ? planned.get(machine.name) : undefined) ?? machine,
  );
  // A machine that ran from its disk already when the plan was made is in it without a disk.
  const begunOn = (name: string) =>
    planned.get(name)?.writes === undefined ? undefined : pastOf(name).memory?.['disk'];
  const digest = await digestPlan(spec, machines, (name) => (isBegun(name) ? begunOn(name) : disks.get(name)?.id));
  return digest === plan.digest ? [] : [`the plan as a whole was ${plan.digest} and is ${digest}`];
}
