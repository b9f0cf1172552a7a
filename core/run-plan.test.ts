import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import type { Event } from './event.ts';
import { defineFault } from './fault.ts';
import { Journal } from './journal.ts';
import { minutes, seconds } from './millis.ts';
import { runPlan } from './run-plan.ts';
import { blocked, done, type Plan, type Step, todo } from './step.ts';

const busy = defineFault<undefined>('test/busy', {
  kind: 'environment',
  title: () => 'the machine is busy',
  state: () => '',
  remedy: () => '',
});
const refused = defineFault<undefined>('test/refused', {
  kind: 'operator',
  title: () => 'the machine refused',
  state: () => '',
  remedy: () => '',
});

/** A site in memory: a step is done when its id is in `world`. */
async function site() {
  const ports = { files: new MemoryFiles(), clock: new VirtualClock() };
  const journal = await Journal.open('/journal', ports);
  const events: Event[] = [];
  const world = new Set<string>();
  const applied: string[] = [];
  const pause = new AbortController();
  const stop = new AbortController();
  const step = (id: string, after: string[] = [], more: Partial<Step> = {}): Step => ({
    id,
    title: `Do ${id}`,
    after,
    timeout: minutes(1),
    check: async () => (world.has(id) ? done : todo(`${id} is not there`)),
    apply: async () => {
      applied.push(id);
      world.add(id);
    },
    ...more,
  });
  const run = (plan: Plan) =>
    runPlan({
      plan,
      journal,
      clock: ports.clock,
      emit: (event) => void events.push(event),
      pollEvery: seconds(1),
      pause: pause.signal,
      stop: stop.signal,
    });
  return { ...ports, journal, events, world, applied, pause, stop, step, run };
}

describe('runPlan', () => {
  it('does what is to do in the order of the plan and leaves alone what is done', async () => {
    const { step, run, world, applied } = await site();
    world.add('a');
    const result = await run([step('a'), step('b', ['a']), step('c', ['b']), step('d', ['a'])]);
    expect(applied.toSorted()).toEqual(['b', 'c', 'd']);
    expect(applied.indexOf('b')).toBeLessThan(applied.indexOf('c'));
    expect(result).toMatchObject({ failed: [], held: [], interrupted: false });
    expect(result.done.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('starts ready steps together', async () => {
    const { step, run, world } = await site();
    const together = Promise.withResolvers<undefined>();
    let running = 0;
    const result = await run(
      ['a', 'b', 'c'].map((id) =>
        step(id, [], {
          apply: async () => {
            if (++running === 3) together.resolve(undefined);
            await together.promise;
            world.add(id);
          },
        }),
      ),
    );
    expect(result.done).toHaveLength(3);
  });

  it('flushes the start before the effect and the confirmation after the observation', async () => {
    const { step, run, world, journal } = await site();
    const seen: unknown[] = [];
    await run([
      step('a', [], {
        apply: async () => {
          seen.push(journal.entries.map(({ record }) => record.type));
          world.add('a');
        },
      }),
    ]);
    expect(seen).toEqual([['step.started']]);
    expect(journal.entries.map(({ record }) => record.type)).toEqual(['step.started', 'step.confirmed']);
  });

  it('holds what comes after a failed step, and nothing else', async () => {
    const { step, run, applied } = await site();
    const result = await run([
      step('bad', [], {
        apply: async () => {
          throw refused(undefined);
        },
      }),
      step('child', ['bad']),
      step('grandchild', ['child']),
      step('other'),
    ]);
    expect(result.failed.map((one) => one.fault.code)).toEqual(['test/refused']);
    expect(result.held).toEqual(['child', 'grandchild']);
    expect(applied).toEqual(['other']);
  });

  it('ends a wait at its deadline with the last reason, and says that the run can be resumed', async () => {
    const { step, run, clock, events } = await site();
    const { failed } = await run([
      step('wait', [], {
        check: async () => blocked(clock.monotonic() < 30_000 ? 'booting' : 'no address'),
        timeout: minutes(2),
      }),
    ]);
    expect(failed[0]?.fault).toMatchObject({ code: 'core/step-timeout', exitCode: 6 });
    expect(failed[0]?.fault.message).toContain('2m00s; last seen: no address');
    expect(events.filter((event) => event.type === 'step.waiting').map((event) => event.reason)).toEqual([
      'booting',
      'no address',
    ]);
  });

  it('tries again what failed for a reason of the environment', async () => {
    const { step, run, world } = await site();
    let tries = 0;
    const { failed } = await run([
      step('a', [], {
        apply: async () => {
          if (++tries < 3) throw busy(undefined);
          world.add('a');
        },
      }),
    ]);
    expect([tries, failed]).toEqual([3, []]);
  });

  it('waits between two effects of a step that does not take effect at once', async () => {
    const { step, run, world, clock } = await site();
    const at: number[] = [];
    await run([
      step('a', [], {
        apply: async () => {
          at.push(clock.monotonic());
          if (at.length === 3) world.add('a');
        },
      }),
    ]);
    expect(at).toEqual([0, 1000, 2000]);
  });

  it('never repeats a once step within a run, even when its effect is slow to show', async () => {
    const { step, run } = await site();
    let wipes = 0;
    const { failed } = await run([
      step('wipe', [], {
        once: true,
        apply: async () => {
          wipes++;
        },
        check: async () => todo('still blank', { untouched: wipes > 0 }),
      }),
    ]);
    expect(wipes).toBe(1);
    expect(failed[0]?.fault.code).toBe('core/step-timeout');
  });

  it.each([
    ['started and never confirmed', [{ type: 'step.started', step: 'wipe' }] as const],
    [
      'started and failed',
      [
        { type: 'step.started', step: 'wipe' },
        { type: 'step.failed', step: 'wipe', fault: { code: '', title: '', state: '', remedy: '', places: [] } },
      ] as const,
    ],
    [
      'confirmed, and undone since',
      [
        { type: 'step.started', step: 'wipe' },
        { type: 'step.confirmed', step: 'wipe' },
      ] as const,
    ],
  ])('does not repeat a once step that was %s, and asks for the operator', async (_what, records) => {
    const { step, run, journal, applied } = await site();
    for (const record of records) await journal.append(record);
    const { failed } = await run([step('wipe', [], { once: true })]);
    expect(applied).toEqual([]);
    expect(failed[0]?.fault).toMatchObject({ code: 'core/once-uncertain', exitCode: 3 });
    expect(failed[0]?.fault.remedy).toContain('--retry wipe');
  });

  it('starts an unconfirmed once step again on evidence that it had no effect, or when the operator permits it', async () => {
    const evident = await site();
    await evident.journal.append({ type: 'step.started', step: 'wipe', memory: { boot: '1' } });
    await evident.run([
      evident.step('wipe', [], {
        once: true,
        check: async (past) =>
          evident.world.has('wipe') ? done : todo('blank', { untouched: past.memory?.['boot'] === '1' }),
      }),
    ]);
    expect(evident.applied).toEqual(['wipe']);

    const permitted = await site();
    await permitted.journal.append({ type: 'step.started', step: 'wipe' });
    await permitted.journal.append({ type: 'step.permitted', step: 'wipe', reason: 'looked at it' });
    await permitted.run([permitted.step('wipe', [], { once: true })]);
    expect(permitted.applied).toEqual(['wipe']);
  });

  it('lets only so many steps of a kind be under way at once, and nobody runs out of time while waiting', async () => {
    const { step, run, world, clock } = await site();
    let most = 0;
    const underWay = new Set<string>();
    const install = (id: string): Step =>
      step(id, [], {
        once: true,
        timeout: minutes(1),
        turn: { of: 'install', limit: 2 },
        check: async () => {
          if (world.has(id)) underWay.delete(id);
          return world.has(id) ? done : underWay.has(id) ? blocked('installing') : todo('blank');
        },
        apply: async () => {
          underWay.add(id);
          most = Math.max(most, underWay.size);
          void clock.sleep(seconds(50)).then(() => world.add(id));
        },
      });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const result = await run([...ids.map(install), step('other')]);
    expect([result.done.toSorted(), result.failed]).toEqual([[...ids, 'other'], []]);
    expect(most).toBe(2);
  });

  it('looks at a step that waits for its turn once, and again when it has it', async () => {
    const { step, run, world } = await site();
    const looks: string[] = [];
    const plan = ['a', 'b', 'c'].map((id) => {
      let polls = 0;
      return step(id, [], {
        turn: { of: 'install', limit: 1 },
        timeout: minutes(60),
        check: async () => {
          looks.push(id);
          if (world.has(id)) return done;
          return polls === 0 ? todo('blank') : (polls += 1) > 20 ? (world.add(id), done) : blocked('installing');
        },
        apply: async () => void (polls = 1),
      });
    });
    expect((await run(plan)).done).toEqual(['a', 'b', 'c']);
    const before = (id: string, other: string) => looks.slice(0, looks.lastIndexOf(other)).filter((one) => one === id);
    expect([before('b', 'a').length, before('c', 'b').length]).toEqual([1, 1]);
  });

  it('counts what an earlier run began, gives the turn of a failed step back, and never waits for what is done', async () => {
    const { step, run, journal, world, clock, applied } = await site();
    await journal.append({ type: 'step.started', step: 'begun' });
    world.add('finished');
    void clock.sleep(seconds(30)).then(() => world.add('begun'));
    const turn = { of: 'install', limit: 1 };
    let beganAt: number | undefined;
    const result = await run([
      step('begun', [], {
        once: true,
        turn,
        timeout: minutes(2),
        check: async () => (world.has('begun') ? done : blocked('installing')),
      }),
      step('finished', [], { once: true, turn }),
      step('bad', [], {
        turn,
        check: async () => {
          if (world.has('begun')) throw refused(undefined);
          return todo('blank');
        },
      }),
      step('next', [], {
        turn,
        timeout: minutes(2),
        apply: async () => {
          beganAt = clock.monotonic();
          applied.push('next');
          world.add('next');
        },
      }),
    ]);
    expect(result.done.toSorted()).toEqual(['begun', 'finished', 'next']);
    expect(beganAt).toBeGreaterThanOrEqual(30_000);
  });

  it('on a pause starts nothing new and waits for the step in flight', async () => {
    const { step, run, pause, world, clock, applied, journal } = await site();
    const result = await run([
      step('slow', [], {
        apply: async () => {
          applied.push('slow');
          pause.abort();
        },
        check: async () =>
          clock.monotonic() >= 5000 ? done : applied.length > 0 ? blocked('installing') : todo('blank'),
      }),
      step('waiting', [], { check: async () => (world.has('never') ? done : blocked('nobody there')) }),
      step('next', ['slow']),
    ]);
    expect(result).toMatchObject({ done: ['slow'], interrupted: true, failed: [], held: [] });
    expect(applied).toEqual(['slow']);
    expect(journal.pastOf('slow')).toEqual({ uncertain: false, confirmed: true });
  });

  it('on a pause does not repeat a step that could be done again', async () => {
    const { step, run, pause, applied, clock } = await site();
    const result = await run([
      step('again', [], {
        timeout: minutes(1),
        check: async () => (clock.monotonic() >= 5000 ? done : todo('not yet')),
        apply: async () => {
          applied.push('again');
          pause.abort();
        },
      }),
    ]);
    expect([result.done, applied]).toEqual([['again'], ['again']]);
  });

  it('on a pause does not try again what failed', async () => {
    const { step, run, pause } = await site();
    let tries = 0;
    const result = await run([
      step('failing', [], {
        apply: async () => {
          tries++;
          pause.abort();
          throw busy(undefined);
        },
      }),
    ]);
    expect([result.interrupted, result.failed, tries]).toEqual([true, [], 1]);
  });

  it('on a stop leaves at once and lets the journal say that the effect is uncertain', async () => {
    const { step, run, stop, journal, clock } = await site();
    const result = await run([
      step('slow', [], {
        check: async () => (journal.pastOf('slow').uncertain ? blocked('installing') : todo('blank')),
        apply: async (signal) => {
          stop.abort();
          expect(signal.aborted).toBe(true);
        },
      }),
    ]);
    expect(result).toMatchObject({ done: [], interrupted: true });
    expect(clock.monotonic()).toBe(0);
    expect(journal.pastOf('slow').uncertain).toBe(true);
  });

  it('stops everything when the journal cannot be written', async () => {
    const { step, run, files, applied } = await site();
    files.appendDurably = async () => {
      throw new Error('no space left on device');
    };
    await expect(run([step('a'), step('b', ['a']), step('c')])).rejects.toMatchObject({ code: 'core/unexpected' });
    expect(applied).toEqual([]);
  });

  it('refuses a plan in which a step comes after an unknown one', async () => {
    const { step, run } = await site();
    await expect(run([step('a', ['nowhere'])])).rejects.toMatchObject({ code: 'core/plan-impossible' });
  });
});
