import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentMap } from './recent-map.ts';

describe('RecentMap', () => {
  it('remembers the latest keys at least up to its capacity, never more than twice as many, and each with its last value', () => {
    const use = fc.record({ key: fc.integer({ min: 0, max: 12 }), isSet: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(use, { maxLength: 100 }), (capacity, uses) => {
        const map = new RecentMap<number, string>(capacity);
        const last = new Map<number, string>();
        let latest: number[] = [];
        for (const [index, { key, isSet }] of uses.entries()) {
          const found = map.get(key);
          if (latest.slice(0, capacity).includes(key)) expect(found).toBe(last.get(key));
          if (found !== undefined) expect(found).toBe(last.get(key));
          if (isSet) {
            map.set(key, `${index}`);
            last.set(key, `${index}`);
          }
          if (isSet || found !== undefined) latest = [key, ...latest.filter((one) => one !== key)];
          const values = [...map.values()];
          expect(values.length).toBeLessThanOrEqual(2 * capacity);
          expect(values).toEqual(expect.arrayContaining(latest.slice(0, capacity).map((one) => last.get(one))));
          expect(new Set(values).size).toBe(values.length);
        }
      }),
    );
  });
});
