import { describe, expect, it } from 'vitest';
import { millis, seconds } from '../../core/millis.ts';
import { RoundTripTimer } from './round-trip-timer.ts';

const after = (samples: readonly number[], isFixed = false) => {
  const timer = new RoundTripTimer(seconds(1), isFixed);
  for (const sample of samples) timer.onAnswer(sample);
  return timer;
};

describe('RoundTripTimer', () => {
  it('waits a second before anything is known, then three times the first round trip', () => {
    expect(after([]).wait).toBe(1000);
    expect(after([100]).wait).toBe(300);
  });

  it('comes down to what a steady link needs, and never below 30 ms', () => {
    expect(after(Array<number>(100).fill(10)).wait).toBe(30);
    expect(after(Array<number>(100).fill(200)).wait).toBeCloseTo(200, 0);
  });

  it('waits longer with each silence, up to eight seconds, until there is an answer to what left once', () => {
    const timer = after([100]);
    const waits = Array.from({ length: 10 }, () => {
      timer.onSilence();
      return Math.round(timer.wait);
    });
    expect(waits).toEqual([450, 675, 1013, 1519, 2278, 3417, 5126, 7689, 8000, 8000]);
    timer.onAnswer(100);
    expect(timer.wait).toBe(millis(250));
  });

  it('keeps what the client asked for', () => {
    expect(after([1, 1, 1], true).wait).toBe(1000);
  });
});
