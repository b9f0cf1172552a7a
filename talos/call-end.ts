import { type Millis, seconds } from '../core/millis.ts';
import { ringAfter } from './shared-alarm.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /**
   * Of a call: from the call to the answer, 10 s when left out. Of a stream that ends by itself: the longest silence,
   * 30 s when left out. Of a stream that goes on for ever: until its first message, 10 s when left out.
   */
  readonly deadline?: Millis;
  /** Takes secrets out of a text that may quote what we sent. */
  readonly redact?: (text: string) => string;
}

/** What the deadline of a call is counted for. */
export type Patience = 'answer' | 'silence' | 'first';

const patienceOf: Readonly<Record<Patience, Millis>> = {
  answer: seconds(10),
  silence: seconds(30),
  first: seconds(10),
};

/** Ends a call at the caller's signal or at its deadline, and knows which of the two it was. */
export class CallEnd {
  readonly #signal: AbortSignal | undefined;
  readonly #patience: Patience;
  readonly #deadline: Millis;
  #cancel: (() => void) | undefined;
  #disarm: () => void = () => undefined;
  #messages = 0;
  #isWaiting = true;
  #isLate = false;

  constructor({ signal, deadline }: CallOptions, patience: Patience) {
    this.#signal = signal;
    this.#patience = patience;
    this.#deadline = deadline ?? patienceOf[patience];
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#arm();
  }

  /** Why the call was ended on our side; `undefined` while it was not. */
  get ended(): 'signal' | 'deadline' | undefined {
    return this.#signal?.aborted ? 'signal' : this.#isLate ? 'deadline' : undefined;
  }

  /** The call that is to end; the last one named. */
  cancels(call: { cancel(): void }): void {
    this.#cancel = () => call.cancel();
    if (this.ended !== undefined) call.cancel();
  }

  /** A message is here; until `waits` the silence is ours. */
  hears(): void {
    this.#messages += 1;
    this.#isWaiting = false;
  }

  waits(): void {
    this.#isWaiting = true;
  }

  /** The call is over: nothing is cancelled any more. */
  close(): void {
    this.#cancel = undefined;
    this.#disarm();
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = () => this.#cancel?.();

  /** Looks again only when a whole deadline has passed, so that a message costs nothing. */
  #arm(): void {
    const before = this.#messages;
    // A deadline of gRPC needs the wall clock, which may jump; a real socket is waited for in real time.
    this.#disarm = ringAfter(this.#deadline, () => {
      if (this.#patience === 'first' && this.#messages > 0) return;
      if (this.#patience === 'silence' && (this.#messages > before || !this.#isWaiting)) {
        if (this.#cancel !== undefined) this.#arm();
        return;
      }
      this.#isLate = true;
      this.#cancel?.();
    });
  }
}
