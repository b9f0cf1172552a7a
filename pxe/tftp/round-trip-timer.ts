import { type Millis, millis, seconds } from '../../core/millis.ts';

/** Below this a busy client is taken for a lost packet. */
const shortest = millis(30);
/** atftp ignores what it has, and starts its 5 s anew with each such block: it has to hear nothing for longer to say what it has. */
const longest = seconds(8);
/** Gentler than RFC 6298: firmware gives up after six silences of its own. */
const growth = 1.5;

/**
 * How long an answer is waited for, by RFC 6298: the smoothed round trip and four times its variation, longer with
 * each time that nothing came. With a fixed second, as TFTP servers have it, one lost packet costs as much as a thousand blocks.
 */
export class RoundTripTimer {
  readonly #first: Millis;
  /** What the client asked for with the timeout option (RFC 2349) stays as it is. */
  readonly #isFixed: boolean;
  #smoothed: number | undefined;
  #variation = 0;
  #silences = 0;

  constructor(first: Millis, isFixed: boolean) {
    this.#first = first;
    this.#isFixed = isFixed;
  }

  get wait(): Millis {
    const base =
      this.#isFixed || this.#smoothed === undefined
        ? this.#first
        : Math.max(shortest, this.#smoothed + 4 * this.#variation);
    return millis(Math.min(base * growth ** this.#silences, Math.max(longest, this.#first)));
  }

  /**
   * An answer came to what was sent once. Other answers tell nothing (Karn), and the longer wait stays: a client that
   * became slower would else be sent everything twice from then on.
   */
  onAnswer(roundTrip: number): void {
    this.#silences = 0;
    if (this.#smoothed === undefined) {
      this.#smoothed = roundTrip;
      this.#variation = roundTrip / 2;
      return;
    }
    this.#variation += (Math.abs(this.#smoothed - roundTrip) - this.#variation) / 4;
    this.#smoothed += (roundTrip - this.#smoothed) / 8;
  }

  onSilence(): void {
    this.#silences += 1;
  }
}
