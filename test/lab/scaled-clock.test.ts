import { describe, expect, it } from 'vitest';
import { type Millis, millis, seconds } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { scaledClock } from './scaled-clock.ts';

describe('scaledClock', () => {
  const slept: Millis[] = [];
  const wall: Clock = {
    now: () => new Date('2030-01-01T00:00:00Z'),
    monotonic: () => millis(500),
    sleep: async (span) => {
      slept.push(span);
    },
  };

  it('sleeps shorter and lets more time pass, by the same factor', async () => {
    const clock = scaledClock(wall, 20);
    await clock.sleep(seconds(10));
    expect(slept).toEqual([500]);
    expect(clock.monotonic()).toBe(10_000);
  });

  it('does not touch the date', () => {
    expect(scaledClock(wall, 20).now().toISOString()).toBe('2030-01-01T00:00:00.000Z');
  });

  it('refuses to stand still', () => {
    expect(() => scaledClock(wall, 0)).toThrow(RangeError);
  });
});
