import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../core/millis.ts';
import { TokenBuckets } from './token-buckets.ts';

describe('TokenBuckets', () => {
  it('lets a burst through, then so many a second', () => {
    const buckets = new TokenBuckets({ burst: 3, perSecond: 2 });
    const at = (...times: number[]) => times.map((time) => buckets.take('a', millis(time)));
    expect(at(0, 0, 0, 0)).toEqual([true, true, true, false]);
    expect(at(499, 500, 501)).toEqual([false, true, false]);
    expect(at(60_000, 60_000, 60_000, 60_000)).toEqual([true, true, true, false]);
  });

  it('counts each key for itself', () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 1 });
    expect(['a', 'b', 'a'].map((key) => buckets.take(key, millis(0)))).toEqual([true, true, false]);
  });

  it('never allows more than the burst and the rate, and never less to one who keeps to it', () => {
    const arrival = fc.record({ key: fc.constantFrom('a', 'b', 'c'), wait: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(arrival, { maxLength: 200 }),
        (burst, perSecond, arrivals) => {
          const buckets = new TokenBuckets({ burst, perSecond });
          const allowed = new Map<string, number[]>();
          let now = 0;
          for (const { key, wait } of arrivals) {
            now += wait;
            const times = allowed.get(key) ?? [];
            const isAllowed = buckets.take(key, millis(now));
            if (isAllowed) times.push(now);
            const isPatient = times.every((time) => time === now || now - time >= 1000 / perSecond + 1e-6);
            if (isPatient && !times.includes(now)) expect(isAllowed).toBe(true);
            for (const [index, from] of times.entries()) {
              const inSpan = times.length - index;
              expect(inSpan).toBeLessThanOrEqual(burst + ((now - from) / 1000) * perSecond + 1e-6);
            }
            allowed.set(key, times);
          }
        },
      ),
    );
  });

  it('remembers only so many keys, the latest', () => {
    const buckets = new TokenBuckets<string>({ burst: 1, perSecond: 0.001 }, 2);
    for (const key of ['a', 'b', 'c', 'd', 'e']) buckets.take(key, millis(0));
    expect(['e', 'd', 'c', 'a'].map((key) => buckets.take(key, millis(0)))).toEqual([false, false, false, true]);
  });
});
