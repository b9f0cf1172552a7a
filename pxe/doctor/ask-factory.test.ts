import { describe, expect, it } from 'vitest';
import { seconds } from '../../core/millis.ts';
import type { HttpDownloadCall } from '../../core/ports.ts';
import { FakeClock, settle } from '../fake-world.fixture.ts';
import { askFactory } from './ask-factory.ts';

const nothing = async function* () {
  yield* [];
};
const clock = new FakeClock();
const patience = seconds(5);
const answering = (status: number) => async () => ({ status, headers: {}, body: nothing() });

describe('askFactory', () => {
  it('asks for the versions, whatever stands at the end of the address', async () => {
    const calls: HttpDownloadCall[] = [];
    const openHttp = async (call: HttpDownloadCall) => {
      calls.push(call);
      return answering(200)();
    };
    expect(await askFactory('https://factory.lab/', { openHttp, clock, patience })).toBeUndefined();
    expect(calls).toEqual([{ method: 'GET', url: 'https://factory.lab/versions' }]);
  });

  it('says what is wrong with an answer, and with none', async () => {
    expect(await askFactory('http://f', { openHttp: answering(503), clock, patience })).toBe('answers 503');
    const openHttp = () => Promise.reject(new Error('no route'));
    expect(await askFactory('http://f', { openHttp, clock, patience })).toMatch(/^cannot be reached: .*no route/);
  });

  it('waits for a silent one as long as it was told, and gives the question up then', async () => {
    let isGivenUp = false;
    const openHttp = (_: HttpDownloadCall, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          isGivenUp = true;
          reject(new Error('aborted'));
        });
      });
    const asked = askFactory('http://f', { openHttp, clock, patience });
    await settle();
    await clock.advance(patience);
    expect([await asked, isGivenUp]).toEqual(['does not answer', true]);
  });
});
