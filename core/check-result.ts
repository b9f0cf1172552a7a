/**
 * `pending`: it will be known soon, and nothing is written before. `unknown`: nobody can tell, for instance because Talos
 * does not say it in maintenance mode; it is shown, and stops nothing.
 */
export type CheckStatus = 'pass' | 'fail' | 'pending' | 'unknown';

/** What a check before the first write found: data only, as it is shown and kept in a plan. */
export interface CheckResult {
  /** Stable: docs/checks.md lists all of them. */
  readonly check: string;
  /** Name in the rack file; absent for a check of the rack as a whole. */
  readonly machine?: string;
  readonly status: CheckStatus;
  /** One sentence with what was observed. */
  readonly says: string;
  /** What can be done about it; absent when it passed. */
  readonly hint?: string;
  /** Why the operator goes on although it failed. */
  readonly override?: string;
}

/** A failed check stops the writes of its machine, or all of them, unless the operator said why it may be ignored. */
export const isBlocking = ({ status, override }: CheckResult): boolean => status === 'fail' && override === undefined;
