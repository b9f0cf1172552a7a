import { type Millis, millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';

/** Time that passes only while everybody sleeps: the next sleeper wakes at once, and the clock jumps to its hour. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #sleepers: { readonly until: number; wake(): void }[] = [];

  now(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now);
  }

  monotonic(): Millis {
    return millis(this.#now);
  }

  sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { until: this.#now + span, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        const at = this.#sleepers.indexOf(sleeper);
        if (at >= 0) this.#sleepers.splice(at, 1);
        resolve();
      });
      setImmediate(() => {
        this.#wakeNext();
      });
    });
  }

  #wakeNext(): void {
    this.#sleepers.sort((a, b) => a.until - b.until);
    const next = this.#sleepers.shift();
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.until);
    next.wake();
  }
}
