import { faultFrom } from './fault.ts';
import type { Journal } from './journal.ts';
import type { Plan } from './step.ts';

/** A dry run: asks every step, changes nothing, and gives the ids of those that are not done, or cannot be asked yet. */
export async function checkPlan(plan: Plan, journal: Journal, signal: AbortSignal): Promise<readonly string[]> {
  const open = await Promise.all(
    plan.map(async (step) => {
      try {
        const verdict = await step.check(journal.pastOf(step.id), signal);
        return verdict.kind === 'done' ? [] : [step.id];
      } catch (thrown) {
        const fault = faultFrom(thrown);
        if (fault.kind === 'bug') throw fault;
        return [step.id];
      }
    }),
  );
  return open.flat();
}
