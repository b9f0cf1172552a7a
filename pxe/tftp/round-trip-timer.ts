import { type Millis, millis, seconds } from '../../core/millis.ts';

/** Below this a busy client is taken for a lost packet. */
const shortest = millis(30);
const longest = seconds(5);

/**
 * How long an answer is waited for, by RFC 6298: the smoothed round trip and four times its variation, doubled with each
 * time that nothing came. With a fixed second, as TFTP servers have it, one lost packet costs as much as a thousand blocks.
 */
export class RoundTripTimer {
  readonly #first: Millis;
  /** What the client asked for with the timeout option (RFC 2349) stays as it is. */
  readonly #isFixed: boolean;
  #smoothed: number | undefined;
  #variation = 0;
  #doublings = 0;

  constructor(first: Millis, isFixed: boolean) {
    this.#first = first;
    this.#isFixed = isFixed;
  }

  get wait(): Millis {
    const base =
      this.#isFixed || this.#smoothed === undefined
        ? this.#first
        : Math.max(shortest, this.#smoothed + 4 * this.#variation);
    return millis(Math.min(base * 2 ** this.#doublings, Math.max(longest, this.#first)));
  }

  /**
   * An answer came; `roundTrip` is left out when what it answers was sent more than once. Then the longer wait stays until
   * there is an answer that tells (Karn): a client that became slower would else be sent everything twice from then on.
   */
  onAnswer(roundTrip?: number): void {
    if (roundTrip === undefined) return;
    this.#doublings = 0;
    if (this.#smoothed === undefined) {
      this.#smoothed = roundTrip;
      this.#variation = roundTrip / 2;
      return;
    }
    this.#variation += (Math.abs(this.#smoothed - roundTrip) - this.#variation) / 4;
    this.#smoothed += (roundTrip - this.#smoothed) / 8;
  }

  onSilence(): void {
    this.#doublings += 1;
  }
}
