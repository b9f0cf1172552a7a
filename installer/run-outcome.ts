import type { Event } from '../core/event.ts';
import { type ExitCode, type Fault, viewOf } from '../core/fault.ts';
import type { PlanResult } from '../core/run-plan.ts';

/** How a run on a rack ended. */
export type RunOutcome =
  /** All of it is true now; `what` says so in words. */
  | { readonly kind: 'done'; readonly what: string }
  /** A plan was shown, with so many steps to do, and nothing was done. */
  | { readonly kind: 'shown'; readonly steps: number; readonly next?: string }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly faults: readonly Fault[] };

/** What a plan that did not get to its end comes to; `undefined` when everything was done. */
export function outcomeOf({ failed, held, interrupted }: PlanResult): RunOutcome | undefined {
  if (failed.length > 0) return { kind: 'failed', faults: failed.map(({ fault }) => fault) };
  return interrupted || held.length > 0 ? { kind: 'interrupted' } : undefined;
}

type Finished = Extract<Event, { type: 'run.finished' }>;

const finished = (outcome: string, exitCode: ExitCode, next?: string): Finished => ({
  type: 'run.finished',
  outcome,
  exitCode,
  ...(next === undefined ? {} : { next }),
});

/** The last event of a run (docs/exit-codes.md). `resume` is the command line that goes on. */
export function describeOutcome(outcome: RunOutcome, resume: string): Finished {
  switch (outcome.kind) {
    case 'done':
      return finished(outcome.what, 0);
    case 'shown':
      return outcome.steps === 0 ? finished('nothing to do', 0) : finished('plan shown, nothing done', 2, outcome.next);
    case 'interrupted':
      return finished('interrupted at a safe point', 130, resume);
    case 'failed': {
      const [first] = outcome.faults;
      const same = outcome.faults.every((fault) => fault.exitCode === first?.exitCode);
      const exitCode = same ? (first?.exitCode ?? 1) : 1;
      // Other faults say themselves what to do; only a deadline asks for the same again.
      return finished('not finished', exitCode, exitCode === 6 ? resume : undefined);
    }
  }
}

/** The last event of a run that a fault stopped. */
export const describeStop = (fault: Fault): Finished => ({
  ...finished('stopped', fault.exitCode),
  fault: viewOf(fault),
});
