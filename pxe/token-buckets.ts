import type { Millis } from '../core/millis.ts';

/** So many at once, and so many a second in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Filled by time, emptied by use. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: Millis;

  constructor(rate: Rate, now: Millis) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** Whether one more is allowed at this time, which never goes backwards. */
  take(now: Millis): boolean {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/**
 * A token bucket for each key. Between `capacity` and twice as many keys are remembered, in two generations: when the young
 * one is full, the old one is forgotten, so that a packet never costs a search for whom to forget. Whoever is forgotten
 * has a full bucket; against a flood of ever new keys there is the bucket of the port.
 */
export class TokenBuckets<Key> {
  readonly #rate: Rate;
  readonly #capacity: number;
  #young = new Map<Key, TokenBucket>();
  #old = new Map<Key, TokenBucket>();

  constructor(rate: Rate, capacity = 8192) {
    this.#rate = rate;
    this.#capacity = capacity;
  }

  take(key: Key, now: Millis): boolean {
    let bucket = this.#young.get(key);
    if (bucket === undefined) {
      bucket = this.#old.get(key) ?? new TokenBucket(this.#rate, now);
      if (this.#young.size >= this.#capacity) {
        this.#old = this.#young;
        this.#young = new Map();
      }
      this.#young.set(key, bucket);
    }
    return bucket.take(now);
  }
}
