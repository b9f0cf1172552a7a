import type { CheckResult } from '../core/check-result.ts';
import type { Journal } from '../core/journal.ts';

/** Keeps in the journal which failed checks the operator went on against, with what was observed and why. */
export async function keepOverrides(journal: Journal, checks: readonly CheckResult[]): Promise<void> {
  for (const { check, machine, says, override } of checks) {
    if (override === undefined) continue;
    await journal.append({
      type: 'check.overridden',
      check,
      ...(machine === undefined ? {} : { machine }),
      says,
      reason: override,
    });
  }
}
