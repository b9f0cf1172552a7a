import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { millis } from '../core/millis.ts';
import { SharedAlarm } from './shared-alarm.ts';

const alarm = new SharedAlarm();
const ringOf = (span: number) => new Promise<void>((resolve) => void alarm.ringAfter(millis(span), resolve));

describe('SharedAlarm', () => {
  it('rings for everybody who waits, also for one who comes later, and not before the span is over', async () => {
    const before = performance.now();
    const first = ringOf(20).then(() => performance.now());
    await once(AbortSignal.timeout(8), 'abort');
    const between = performance.now();
    const second = ringOf(20).then(() => performance.now());
    expect((await first) - before).toBeGreaterThanOrEqual(19);
    expect((await second) - between).toBeGreaterThanOrEqual(19);
  });

  it('rings for nobody who took it back, and again after all have gone', async () => {
    const rung: string[] = [];
    alarm.ringAfter(millis(5), () => rung.push('taken back'))();
    alarm.ringAfter(millis(5), () => rung.push('stayed'));
    await ringOf(5);
    await ringOf(5);
    expect(rung).toEqual(['stayed']);
  });
});
