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

  it('doubles with each silence up to five seconds, and forgets that with an answer to what left once', () => {
    const timer = after([100]);
    const waits = [1, 2, 3, 4, 5].map(() => {
      timer.onSilence();
      return timer.wait;
    });
    expect(waits).toEqual([600, 1200, 2400, 4800, 5000]);
    timer.onAnswer();
    expect(timer.wait).toBe(5000);
    timer.onAnswer(100);
    expect(timer.wait).toBe(millis(250));
  });

  it('keeps what the client asked for', () => {
    expect(after([1, 1, 1], true).wait).toBe(1000);
  });
});
