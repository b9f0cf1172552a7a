import type { Emit } from './event.ts';
import { type Fault, faultFrom, viewOf } from './fault.ts';
import type { Journal } from './journal.ts';
import type { Millis } from './millis.ts';
import { onceUncertain, planImpossible, stepTimeout } from './plan-faults.ts';
import type { Clock } from './ports.ts';
import type { Plan, Step, StepPast, Verdict } from './step.ts';
import { type Turns, takeTurns } from './take-turns.ts';

export interface PlanRun {
  readonly plan: Plan;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly pollEvery: Millis;
  /** First request to leave: nothing new is started, steps whose effect is on its way are waited for. */
  readonly pause: AbortSignal;
  /** Second request: effects in flight are told to stop, and nothing is waited for any more. */
  readonly stop: AbortSignal;
}

export interface PlanResult {
  readonly done: readonly string[];
  readonly failed: readonly { readonly step: Step; readonly fault: Fault }[];
  /** Not started, because something that they come after failed. */
  readonly held: readonly string[];
  readonly interrupted: boolean;
}

/**
 * Runs a plan: ready steps together, each `check` → `started` on disk → `apply` → `check` until done or out of time.
 * A failed step holds only what comes after it. Resuming is calling this again with the plan built anew. Rejects only
 * when the journal cannot be written, or the plan is not in order; then nothing is in flight any more.
 */
export async function runPlan(run: PlanRun): Promise<PlanResult> {
  const lost = new AbortController();
  const pause = AbortSignal.any([run.pause, run.stop, lost.signal]);
  const done: string[] = [];
  const failed: { step: Step; fault: Fault }[] = [];
  const held: string[] = [];
  const turns = takeTurns();

  const finish = async (step: Step, before: readonly Promise<boolean>[]): Promise<boolean> => {
    const results = await Promise.all(before);
    if (pause.aborted) return false;
    if (!results.every(Boolean)) {
      held.push(step.id);
      run.emit({ type: 'step.held', ...named(step), because: step.after.filter((_, at) => !results[at]).join(', ') });
      return false;
    }
    try {
      const isDone = await runStep(step, { ...run, pause, turns });
      if (isDone) done.push(step.id);
      return isDone;
    } catch (thrown) {
      const fault = faultFrom(thrown);
      failed.push({ step, fault });
      run.emit({ type: 'step.failed', ...named(step), fault: viewOf(fault) });
      await run.journal
        .append({ type: 'step.failed', step: step.id, fault: viewOf(fault) })
        .catch((reason: unknown) => {
          lost.abort(reason);
        });
      return false;
    }
  };

  const ends = new Map<string, () => Promise<boolean>>();
  for (const step of run.plan) {
    const before = step.after.map((needs) => {
      const end = ends.get(needs);
      if (end === undefined) throw planImpossible({ step: step.id, needs });
      return end;
    });
    ends.set(
      step.id,
      once(() =>
        finish(
          step,
          before.map((end) => end()),
        ),
      ),
    );
  }
  await Promise.all(ends.values().map((end) => end()));
  if (lost.signal.aborted) throw faultFrom(lost.signal.reason);
  return { done, failed, held, interrupted: pause.aborted };
}

/** True when done, false when told to leave; throws the fault that ended it. */
async function runStep(step: Step, run: PlanRun & { readonly turns: Turns }): Promise<boolean> {
  const { clock, journal, emit, turns } = run;
  let begun = clock.monotonic();
  const life = new AbortController();
  let isUnderWay = false;
  let isFresh = false;
  let isQueued = false;
  let reason = '';
  const wait = (why: string) => {
    if (why !== reason) emit({ type: 'step.waiting', ...named(step), reason: why });
    reason = why;
  };
  const isPaused = () => run.pause.aborted;
  const onPause = () => isUnderWay || life.abort();
  const onStop = () => life.abort();
  run.pause.addEventListener('abort', onPause, { once: true });
  run.stop.addEventListener('abort', onStop, { once: true });
  try {
    for (;;) {
      // Who waits for its turn is not looked at before it has one: there may be hundreds, and nothing is done with what is seen.
      if (isQueued && !life.signal.aborted) {
        begun = clock.monotonic();
        if (!turns.take(step, false)) {
          await clock.sleep(run.pollEvery, life.signal);
          continue;
        }
      }
      const past = journal.pastOf(step.id);
      const verdict = await ask(step, past, life.signal);
      if (verdict.kind === 'done') {
        if (past.uncertain || !past.confirmed) await journal.append({ type: 'step.confirmed', step: step.id });
        emit({ type: 'step.done', ...named(step), alreadyDone: reason === '' && !isUnderWay });
        return true;
      }
      if (life.signal.aborted) return false;
      // After an effect comes a fresh look, then a poll; a `once` step has its one effect in the whole run.
      const isIdle = !isFresh && !isPaused() && !(step.once && isUnderWay);
      isFresh = false;
      // What an earlier run began goes on beside the others, and counts.
      const isGoingOn = past.uncertain && verdict.kind === 'blocked';
      if ((verdict.kind === 'todo' || isGoingOn) && !isPaused() && !turns.take(step, isGoingOn)) {
        wait(turns.reason(step));
        isQueued = true;
        continue;
      }
      if (isQueued && verdict.kind === 'blocked' && !isGoingOn) turns.giveBack(step);
      isQueued = false;
      if (verdict.kind === 'todo' && step.apply !== undefined && isIdle) {
        if (!mayApply(step, past, verdict)) {
          throw onceUncertain({ title: step.title, step: step.id, reason: verdict.reason });
        }
        const { memory } = verdict;
        isUnderWay = true;
        await journal.append({ type: 'step.started', step: step.id, ...(memory === undefined ? {} : { memory }) });
        emit({ type: 'step.started', ...named(step) });
        const failure = await attempt(() => step.apply?.(run.stop));
        if (failure === undefined) {
          isFresh = true;
          continue;
        }
        isUnderWay = false;
        if (isPaused()) return false;
        wait(failure);
      } else {
        wait(verdict.reason);
      }
      if (clock.monotonic() - begun >= step.timeout) {
        throw stepTimeout({ title: step.title, after: step.timeout, reason });
      }
      await clock.sleep(run.pollEvery, life.signal);
    }
  } finally {
    turns.giveBack(step);
    run.pause.removeEventListener('abort', onPause);
    run.stop.removeEventListener('abort', onStop);
  }
}

/** A `once` step starts when it never was, or when `check` has evidence that its unconfirmed start had no effect. */
function mayApply(step: Step, past: StepPast, verdict: Verdict & { kind: 'todo' }): boolean {
  if (!step.once) return true;
  if (past.confirmed) return false;
  return !past.uncertain || verdict.untouched === true;
}

/** A check that fails for a reason of the environment is a reason to wait; any other fault ends the step. */
async function ask(step: Step, past: StepPast, signal: AbortSignal): Promise<Verdict> {
  let verdict: Verdict | undefined;
  const failure = await attempt(async () => {
    verdict = await step.check(past, signal);
  });
  return verdict ?? { kind: 'blocked', reason: failure ?? 'no answer' };
}

/** The sentence of an environment fault, `undefined` when all went well; other faults are thrown on. */
async function attempt(effect: () => Promise<void> | undefined): Promise<string | undefined> {
  try {
    await effect();
    return undefined;
  } catch (thrown) {
    const fault = faultFrom(thrown);
    if (fault.kind !== 'environment') throw fault;
    return fault.message;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

const named = ({ id, title, machine }: Step) => ({ step: id, title, ...(machine === undefined ? {} : { machine }) });
