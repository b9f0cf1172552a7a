import { type Millis, millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';

/** What has arrived on a socket, in the order of arrival, for code that waits for it. */
export class Inbox<Letter> {
  readonly #letters: Letter[] = [];
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #bell: AbortController | undefined;

  /** Waits end when the signal is aborted. */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  put(letter: Letter): void {
    this.#letters.push(letter);
    this.#bell?.abort();
  }

  /** Forgets what has arrived. */
  clear(): void {
    this.#letters.length = 0;
  }

  /** The next one; `undefined` when none arrives within the span. */
  async take(span: Millis): Promise<Letter | undefined> {
    if (this.#letters.length === 0 && !this.#signal.aborted) {
      this.#bell = new AbortController();
      await this.#clock.sleep(span, AbortSignal.any([this.#signal, this.#bell.signal]));
      this.#bell = undefined;
      // On a busy machine a timer comes before what waits in the sockets; that is not silence.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#signal.aborted ? undefined : this.#letters.shift();
  }

  /** Everything that arrives within the span, or until there is one that was wanted; that one is the last. */
  async collect(span: Millis, isWanted: (letter: Letter) => boolean): Promise<Letter[]> {
    const until = this.#clock.monotonic() + span;
    const collected: Letter[] = [];
    for (let rest = span; rest > 0; rest = millis(until - this.#clock.monotonic())) {
      const letter = await this.take(rest);
      if (letter === undefined) break;
      collected.push(letter);
      if (isWanted(letter)) break;
    }
    return collected;
  }
}
