import { describe, expect, it } from 'vitest';
import { seconds } from '../../core/millis.ts';
import { seededRandom } from './seeded-random.ts';

describe('seededRandom', () => {
  it('repeats itself for the same seed and differs for another', () => {
    const draw = (seed: string) => [...seededRandom(seed).bytes(16)];
    expect(draw('7/cp-1')).toEqual(draw('7/cp-1'));
    expect(draw('7/cp-1')).not.toEqual(draw('7/cp-2'));
  });

  it('spreads fractions evenly enough to stand for a loss rate', () => {
    const random = seededRandom('loss');
    const lost = Array.from({ length: 10_000 }, () => random.fraction()).filter((one) => one < 0.2).length;
    expect(lost).toBeGreaterThan(1_800);
    expect(lost).toBeLessThan(2_200);
  });

  it('gives IDs that need 64 bits, and spans within a fifth', () => {
    const random = seededRandom('ids');
    expect(Array.from({ length: 64 }, () => random.uint64()).some((id) => id > 2n ** 63n)).toBe(true);
    for (let draw = 0; draw < 100; draw++) {
      const span = random.around(seconds(10));
      expect(span).toBeGreaterThanOrEqual(8_000);
      expect(span).toBeLessThanOrEqual(12_000);
    }
  });
});
