import { describe, expect, it } from 'vitest';
import { millis, seconds } from '../../core/millis.ts';
import { SteppedClock } from './stepped-clock.ts';

const wall = { now: () => new Date('2030-01-01T00:00:00Z') };

describe('SteppedClock', () => {
  it('wakes those whose time has come, in their order, and nobody else', async () => {
    const clock = new SteppedClock(wall);
    const woken: string[] = [];
    const late = clock.sleep(seconds(2)).then(() => woken.push('late'));
    const early = clock.sleep(seconds(1)).then(() => woken.push('early'));
    void clock.sleep(seconds(3)).then(() => woken.push('never'));
    clock.stepTo(seconds(2));
    await Promise.all([late, early]);
    expect(woken).toEqual(['early', 'late']);
    expect(clock.monotonic()).toBe(2000);
  });

  it('never goes back, and does not touch the date', () => {
    const clock = new SteppedClock(wall);
    clock.stepTo(seconds(5));
    clock.stepTo(seconds(4));
    expect(clock.monotonic()).toBe(5000);
    expect(clock.now().toISOString()).toBe('2030-01-01T00:00:00.000Z');
  });

  it('lets nobody sleep whose sleep is broken off', async () => {
    const clock = new SteppedClock(wall);
    const off = new AbortController();
    const sleeping = clock.sleep(seconds(1), off.signal);
    off.abort();
    await sleeping;
    await clock.sleep(millis(1), off.signal);
    expect(clock.monotonic()).toBe(0);
  });
});
