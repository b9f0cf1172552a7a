import { type Fault, faultFrom } from './fault.ts';
import type { Journal } from './journal.ts';
import type { Plan, Step } from './step.ts';

export interface PlanCheck {
  /** Ids of the steps that are not done, or cannot be asked yet. */
  readonly open: readonly string[];
  /** What would end a step at once. */
  readonly faults: readonly { readonly step: Step; readonly fault: Fault }[];
}

/** A dry run: asks every step and changes nothing. */
export async function checkPlan(plan: Plan, journal: Journal, signal: AbortSignal): Promise<PlanCheck> {
  const open: string[] = [];
  const faults: { step: Step; fault: Fault }[] = [];
  await Promise.all(
    plan.map(async (step) => {
      try {
        const verdict = await step.check(journal.pastOf(step.id), signal);
        if (verdict.kind !== 'done') open.push(step.id);
      } catch (thrown) {
        const fault = faultFrom(thrown);
        open.push(step.id);
        if (fault.kind !== 'environment') faults.push({ step, fault });
      }
    }),
  );
  return { open, faults };
}
