import { type Millis, seconds } from '../core/millis.ts';
import type { SharedAlarm } from './shared-alarm.ts';

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

const telling = seconds(5);

/** Ends a call at the caller's signal, with its channel or at its deadline, and knows which it was. */
export class CallEnd {
  readonly #alarm: Pick<SharedAlarm, 'ringAfter'>;
  /** The caller's, and that of the channel that is closed. */
  readonly #signals: readonly AbortSignal[];
  readonly #patience: Patience;
  readonly #deadline: Millis;
  #cancel: (() => void) | undefined;
  #disarm: () => void = () => undefined;
  #turns = 0;
  #isWaiting = true;
  #isLate = false;

  constructor(
    { signal, deadline }: CallOptions,
    patience: Patience,
    { alarm, closing }: { readonly alarm: Pick<SharedAlarm, 'ringAfter'>; readonly closing: AbortSignal },
  ) {
    this.#alarm = alarm;
    this.#signals = signal === undefined ? [closing] : [signal, closing];
    this.#patience = patience;
    this.#deadline = deadline ?? patienceOf[patience];
    for (const one of this.#signals) one.addEventListener('abort', this.#onAbort, { once: true });
    this.#arm();
  }

  /** Why the call was ended on our side; `undefined` while it was not. */
  get ended(): 'signal' | 'deadline' | undefined {
    return this.#signals.some(({ aborted }) => aborted) ? 'signal' : this.#isLate ? 'deadline' : undefined;
  }

  /** Its deadline is long enough for silence to mean something. */
  get isPatient(): boolean {
    return this.#deadline >= telling;
  }

  /** The call that is to end; the last one named. */
  cancels(call: { cancel(): void }): void {
    this.#cancel = () => call.cancel();
    if (this.ended !== undefined) call.cancel();
  }

  /** A message is here; until `waits` the silence is ours. */
  hears(): void {
    this.#turns += 1;
    this.#isWaiting = false;
  }

  /** From now on the silence is the machine's, and it has a whole deadline again. */
  waits(): void {
    this.#turns += 1;
    this.#isWaiting = true;
  }

  /** The call is over: nothing is cancelled any more. */
  close(): void {
    this.#cancel = undefined;
    this.#disarm();
    for (const one of this.#signals) one.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = () => this.#cancel?.();

  /** Looks again only when a whole deadline has passed, so that a message costs nothing and needs no timer. */
  #arm(): void {
    const before = this.#turns;
    // A deadline of gRPC needs the wall clock, which may jump; a real socket is waited for in real time.
    this.#disarm = this.#alarm.ringAfter(this.#deadline, () => {
      if (this.#patience === 'first' && this.#turns > 0) return;
      if (this.#patience === 'silence' && (this.#turns > before || !this.#isWaiting)) {
        if (this.#cancel !== undefined) this.#arm();
        return;
      }
      this.#isLate = true;
      this.#cancel?.();
    });
  }
}
