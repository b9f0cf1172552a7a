import { describe, expect, it } from 'vitest';
import { leaveOnInterrupt } from './leave-on-interrupt.ts';

describe('leaveOnInterrupt', () => {
  it('pauses at the first request, stops at the second, and ends the process at the third', () => {
    let interrupt = () => {};
    const said: string[] = [];
    const leaving = leaveOnInterrupt(
      {
        onInterrupt: (callback) => {
          interrupt = callback;
          return () => said.push('forgotten');
        },
        exit: (code) => {
          throw new Error(`exit ${code}`);
        },
      },
      () => said.push('first'),
    );
    expect([leaving.pause.aborted, leaving.stop.aborted, said]).toEqual([false, false, []]);
    interrupt();
    expect([leaving.pause.aborted, leaving.stop.aborted, said]).toEqual([true, false, ['first']]);
    interrupt();
    expect([leaving.pause.aborted, leaving.stop.aborted, said]).toEqual([true, true, ['first']]);
    expect(interrupt).toThrow('exit 130');
    leaving.forget();
    expect(said).toEqual(['first', 'forgotten']);
  });
});
