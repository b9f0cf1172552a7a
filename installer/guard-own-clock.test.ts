import { describe, expect, it } from 'vitest';
import { minutes } from '../core/millis.ts';
import { done, type Step, todo, type Verdict } from '../core/step.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { healthySpec } from './checks/testing/healthy-rack.ts';
import { guardOwnClock } from './guard-own-clock.ts';

const never = { uncertain: false, confirmed: false };
const { signal } = new AbortController();
const stepOf = (id: string, verdict: Verdict): Step => ({
  ...{ id, title: id, after: [], timeout: minutes(1) },
  check: async () => verdict,
});

const check = (id: string, isSynchronized: boolean | undefined, verdict = todo('now'), overrides: string[] = []) => {
  const spec = { ...healthySpec, network: { ...healthySpec.network, timeServers: [] } };
  const ports = { clock: new VirtualClock(), host: { isClockSynchronized: async () => isSynchronized } } as never;
  const reasons = overrides.map((one) => ({ check: one, reason: 'lab' }));
  const [step] = guardOwnClock([stepOf(id, verdict)], { spec, ports, overrides: reasons });
  return step!.check(never, signal);
};

describe('guardOwnClock', () => {
  it.each(['secrets', 'talosconfig', 'bootstrap-etcd'])('does not begin %s by a clock that nobody sets', async (id) => {
    await expect(check(id, false)).rejects.toMatchObject({ code: 'installer/own-clock-wrong', exitCode: 3 });
    expect(await check(id, true)).toMatchObject({ kind: 'todo' });
    expect(await check(id, undefined)).toMatchObject({ kind: 'todo' });
  });

  it('stands in the way neither of what is done, nor of other steps, nor of an operator who says why', async () => {
    expect(await check('secrets', false, done)).toEqual(done);
    expect(await check('health/cp-1', false)).toMatchObject({ kind: 'todo' });
    expect(await check('secrets', false, todo('now'), ['own-clock'])).toMatchObject({ kind: 'todo' });
    await expect(check('secrets', false, todo('now'), ['clock'])).rejects.toMatchObject({ exitCode: 3 });
  });
});
