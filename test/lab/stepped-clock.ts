import { type Millis, millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told how late it is. Wall-clock time stays true, as with a scaled clock. */
export class SteppedClock implements Clock {
  readonly #wall: Pick<Clock, 'now'>;
  readonly #sleepers = new Set<Sleeper>();
  #at = 0;

  constructor(wall: Pick<Clock, 'now'>) {
    this.#wall = wall;
  }

  now(): Date {
    return this.#wall.now();
  }

  monotonic(): Millis {
    return millis(this.#at);
  }

  sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { until: this.#at + span, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets time pass up to that moment: who sleeps no longer than that wakes, in the order in which they wanted to. */
  stepTo(at: Millis): void {
    this.#at = Math.max(this.#at, at);
    const due = [...this.#sleepers].filter(({ until }) => until <= this.#at);
    for (const { wake } of due.sort((one, other) => one.until - other.until)) wake();
  }
}
