import type { Millis } from './millis.ts';

/** What a step wants remembered of the moment before its effect; plain JSON, never a secret. */
export type Memory = Readonly<Record<string, string>>;

/** What the journal knows of a step from this run and from earlier ones. */
export interface StepPast {
  /** It was started, and nothing since tells how that ended. */
  readonly uncertain: boolean;
  /** A read has confirmed it at some time. */
  readonly confirmed: boolean;
  /** As given by the `todo` that led to its last start. */
  readonly memory?: Memory;
}

/** The answer of `check`, which only reads. */
export type Verdict =
  | { readonly kind: 'done' }
  /** `untouched`: there is evidence that an earlier start had no effect, so that even a `once` step may start. */
  | { readonly kind: 'todo'; readonly reason: string; readonly memory?: Memory; readonly untouched?: boolean }
  | { readonly kind: 'blocked'; readonly reason: string };

/**
 * One thing that is to be true. `check` asks whether it is; `apply` makes it so; verifying is asking `check` again,
 * so the two cannot disagree. A step without `apply` is a wait.
 */
export interface Step {
  /** Readable and stable, such as `install/node-2`. */
  readonly id: string;
  readonly title: string;
  /** Name of the machine that it acts on. */
  readonly machine?: string;
  readonly after: readonly string[];
  /** From the moment at which it may start. */
  readonly timeout: Millis;
  /** Never applied again by itself when a start of it is unconfirmed: a wipe, a bootstrap. */
  readonly once?: true;
  /** Of all steps with this name only so many are under way at once; the others wait without running out of time. */
  readonly turn?: { readonly of: string; readonly limit: number };
  readonly check: (past: StepPast, signal: AbortSignal) => Promise<Verdict>;
  /** `signal` aborts only when the operator insists on leaving now. */
  readonly apply?: (signal: AbortSignal) => Promise<void>;
}

export type Plan = readonly Step[];

export const done: Verdict = { kind: 'done' };
export const todo = (reason: string, more: { memory?: Memory; untouched?: boolean } = {}): Verdict => ({
  kind: 'todo',
  reason,
  ...more,
});
export const blocked = (reason: string): Verdict => ({ kind: 'blocked', reason });
