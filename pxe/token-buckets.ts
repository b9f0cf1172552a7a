import type { Millis } from '../core/millis.ts';
import { RecentMap } from './recent-map.ts';

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
 * A token bucket for each key, of the latest `capacity` keys at least. Whoever is forgotten has a full bucket; against a
 * flood of ever new keys there is the bucket of the port.
 */
export class TokenBuckets<Key> {
  readonly #rate: Rate;
  readonly #buckets: RecentMap<Key, TokenBucket>;

  constructor(rate: Rate, capacity = 8192) {
    this.#rate = rate;
    this.#buckets = new RecentMap(capacity);
  }

  take(key: Key, now: Millis): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, now);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(now);
  }
}
