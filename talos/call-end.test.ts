import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { millis } from '../core/millis.ts';
import { CallEnd, type Patience } from './call-end.ts';
import { SharedAlarm } from './shared-alarm.ts';

/** Much later than three deadlines of 5 ms that began before it. */
const threeDeadlinesLater = () => once(AbortSignal.timeout(200), 'abort');

const channel = { alarm: new SharedAlarm(), closing: new AbortController().signal };

function start(patience: Patience, signal?: AbortSignal) {
  const cancelled: string[] = [];
  const end = new CallEnd({ deadline: millis(5), ...(signal === undefined ? {} : { signal }) }, patience, channel);
  end.cancels({ cancel: () => cancelled.push('cancelled') });
  return { end, cancelled };
}

describe('CallEnd', () => {
  it.each(['answer', 'silence', 'first'] as const)(
    'cancels a call of which nothing is heard (%s)',
    async (patience) => {
      const { end, cancelled } = start(patience);
      await threeDeadlinesLater();
      expect([end.ended, cancelled]).toEqual(['deadline', ['cancelled']]);
    },
  );

  it('lets a stream without end be silent once it has begun', async () => {
    const { end, cancelled } = start('first');
    end.hears();
    end.waits();
    await threeDeadlinesLater();
    expect([end.ended, cancelled]).toEqual([undefined, []]);
  });

  it('cancels a stream that falls silent after a message', async () => {
    const { end, cancelled } = start('silence');
    end.hears();
    end.waits();
    await threeDeadlinesLater();
    expect([end.ended, cancelled]).toEqual(['deadline', ['cancelled']]);
  });

  it('counts no silence while it is ours', async () => {
    const { end, cancelled } = start('silence');
    end.hears();
    await threeDeadlinesLater();
    expect([end.ended, cancelled]).toEqual([undefined, []]);
    end.close();
  });

  it('gives the machine a whole deadline from when our own silence has ended', () => {
    const rings: (() => void)[] = [];
    const alarm = { ringAfter: (_: number, ring: () => void) => (rings.push(ring), () => undefined) };
    const end = new CallEnd({}, 'silence', { ...channel, alarm });
    end.cancels({ cancel: () => undefined });
    end.hears();
    rings.shift()?.();
    // Within the second deadline it is the machine's turn again.
    end.waits();
    rings.shift()?.();
    expect([end.ended, rings.length]).toEqual([undefined, 1]);
    rings.shift()?.();
    expect(end.ended).toBe('deadline');
  });

  it('cancels at once at the signal, also a call that begins after it, and nothing that is over', () => {
    const leave = new AbortController();
    const running = start('answer', leave.signal);
    const over = start('answer', leave.signal);
    over.end.close();
    leave.abort();
    expect([running.end.ended, running.cancelled, over.cancelled]).toEqual(['signal', ['cancelled'], []]);
    expect(start('answer', leave.signal).cancelled).toEqual(['cancelled']);
  });
});
