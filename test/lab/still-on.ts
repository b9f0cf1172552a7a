import type { Millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';

/** Lets the span pass; false when the signal ended it, and the machine with it. */
export async function stillOnAfter(span: Millis, clock: Clock, signal: AbortSignal): Promise<boolean> {
  await clock.sleep(span, signal);
  return !signal.aborted;
}

/** Resolves when the signal is aborted, at once when it already is. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
