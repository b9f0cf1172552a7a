import type { Clock } from '../../core/ports.ts';
import { pace } from './pace.ts';
import type { MachineFault } from './scenario.ts';
import { stillOnAfter } from './still-on.ts';

type Skew = MachineFault & { readonly kind: 'clock-skew' };

/** What a machine takes for the time, right or not. The clock on its board outlives its power. */
export class MachineTime {
  /** Its own: wrong while it is skewed. */
  readonly clock: Clock;
  /** Whether Talos takes its clock for right: a time server said so. */
  isInSync: boolean;
  /** Counts the jumps of its clock. */
  epoch = 0;
  readonly #truth: Clock;
  readonly #skew: Skew | undefined;
  #aheadMillis: number;
  #boots = 0;

  constructor(truth: Clock, skew: Skew | undefined) {
    this.#truth = truth;
    this.#skew = skew;
    this.#aheadMillis = (skew?.seconds ?? 0) * 1000;
    this.isInSync = skew === undefined || skew.timeServer === 'agrees';
    this.clock = {
      now: () => this.#shifted(this.#aheadMillis),
      monotonic: () => truth.monotonic(),
      sleep: (span, signal) => truth.sleep(span, signal),
    };
  }

  /** What its time server says; `undefined` when none answers. */
  get serverTime(): Date | undefined {
    const { timeServer } = this.#skew ?? { timeServer: 'agrees' };
    if (timeServer === 'agrees') return this.clock.now();
    return timeServer !== undefined && this.#boots >= timeServer.setsInBoot ? this.#truth.now() : undefined;
  }

  /** Talos' time synchronization during one boot: sets the clock once a time server answers. */
  async keep(onJump: () => Promise<void>, signal: AbortSignal): Promise<void> {
    this.#boots += 1;
    if (this.isInSync || this.serverTime === undefined) return;
    if (!(await stillOnAfter(pace.reachTimeServer, this.#truth, signal))) return;
    this.#aheadMillis = 0;
    this.isInSync = true;
    this.epoch += 1;
    await onJump();
  }

  #shifted(byMillis: number): Date {
    return new Date(this.#truth.now().getTime() + byMillis);
  }
}

/** Resolves with true when the node's clock is right, with false when it went down before. */
export async function inSync(
  { clock, time }: { readonly clock: Clock; readonly time: MachineTime },
  signal: AbortSignal,
): Promise<boolean> {
  while (!time.isInSync && (await stillOnAfter(pace.lookAgain, clock, signal)));
  return time.isInSync && !signal.aborted;
}
