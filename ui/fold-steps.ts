import type { PlanView } from '../core/plan-view.ts';
import type { RunView, StepView } from './run-view.ts';

/** The steps of a plan, with what is already known of those that were there before. */
export function foldPlan(steps: readonly StepView[], plan: PlanView): readonly StepView[] {
  return plan.steps.map(
    ({ id, title, machine }) =>
      steps.find((step) => step.id === id) ?? {
        id,
        title,
        status: 'planned',
        ...(machine === undefined ? {} : { machine }),
      },
  );
}

/**
 * The view after something happened to one step. The first time that a step is heard of is when it began; from then
 * on it waits, until an event says otherwise. A reason holds until the next one, or until the step ends.
 */
export function changeStep(
  view: RunView,
  event: { readonly at: string; readonly step: string; readonly title: string; readonly machine?: string },
  change: Partial<StepView>,
): RunView {
  const before = view.steps.find((step) => step.id === event.step) ?? {
    id: event.step,
    title: event.title,
    status: 'planned',
    ...(event.machine === undefined ? {} : { machine: event.machine }),
  };
  const { reason, ...rest } = before;
  const after: StepView = {
    ...rest,
    status: before.status === 'planned' ? 'waiting' : before.status,
    ...(reason === undefined || hasEnded(change) ? {} : { reason }),
    since: before.since ?? event.at,
    title: event.title,
    ...change,
  };
  const isKnown = view.steps.some((step) => step.id === event.step);
  return {
    ...view,
    steps: isKnown ? view.steps.map((step) => (step.id === event.step ? after : step)) : [...view.steps, after],
  };
}

const hasEnded = ({ status }: Partial<StepView>): boolean =>
  status === 'done' || status === 'failed' || status === 'held';
