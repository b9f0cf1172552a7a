import { type Millis, millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';

/** How exactly deadlines are kept. */
const tick = millis(10);

export interface Deadlined {
  /** May move at any time. */
  readonly deadline: Millis;
  onDeadline(): void;
}

/** One timer for all transfers: a deadline moves with every packet, and moving it must cost nothing. */
export class DeadlineWatch {
  readonly #clock: Clock;
  readonly #watched = new Set<Deadlined>();
  #isTicking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(one: Deadlined): void {
    this.#watched.add(one);
    if (!this.#isTicking) void this.#run();
  }

  remove(one: Deadlined): void {
    this.#watched.delete(one);
  }

  async #run(): Promise<void> {
    this.#isTicking = true;
    while (this.#watched.size > 0) {
      await this.#clock.sleep(tick);
      const now = this.#clock.monotonic();
      for (const one of this.#watched) if (now >= one.deadline) one.onDeadline();
    }
    this.#isTicking = false;
  }
}
