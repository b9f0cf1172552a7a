import { describe, expect, it } from 'vitest';
import { millis, minutes } from '../../core/millis.ts';
import { nodeClock } from './node-clock.ts';

describe('nodeClock', () => {
  it('wakes at once when the signal aborts, before or during the sleep', async () => {
    await nodeClock.sleep(minutes(60), AbortSignal.abort());
    const waking = new AbortController();
    const sleep = nodeClock.sleep(minutes(60), waking.signal);
    waking.abort();
    await expect(sleep).resolves.toBeUndefined();
  });

  it('does not take a span longer than a timer holds for none', async () => {
    const waking = new AbortController();
    let isAwake = false;
    const sleep = nodeClock.sleep(millis(2 ** 40), waking.signal).then(() => {
      isAwake = true;
    });
    await nodeClock.sleep(millis(5));
    expect(isAwake).toBe(false);
    waking.abort();
    await sleep;
  });
});
