import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { TalosClient } from '../talos/index.ts';
import { installProgress } from './install-progress.ts';

type Events = ReturnType<TalosClient['events']>;
const observation = (mode: 'configured' | 'maintenance', bootMark = 'b1') =>
  ({ mode, bootMark, address: '10.0.0.1' }) as TalosObservation;
const base = { id: '1', actorId: '' };
const bytes = (text: string) => new TextEncoder().encode(text);
const { signal } = new AbortController();

/** A machine whose streams are given, and end as they do when it reboots. */
function machine({ events = [], log = [] }: { events?: readonly object[]; log?: readonly string[] }) {
  let opened = 0;
  const over: Promise<unknown>[] = [];
  const connect = async () => {
    opened += 1;
    const closed = Promise.withResolvers<undefined>();
    over.push(closed.promise);
    return {
      events: async function* () {
        for (const event of events) yield { ...base, ...event };
      } as unknown as () => Events,
      dmesg: async function* () {
        for (const piece of log) yield bytes(piece);
      },
      close: () => closed.resolve(undefined),
    };
  };
  return { connect, opened: () => opened, over: () => Promise.all(over) };
}

describe('installProgress', () => {
  it('tells what a machine does while it installs, and listens once for each boot', async () => {
    const { connect, opened, over } = machine({
      events: [
        { type: 'phase', phase: 'install', action: 'START' },
        { type: 'task', task: 'pullInstaller', action: 'START' },
        { type: 'task', task: 'pullInstaller', action: 'STOP' },
      ],
    });
    const progress = installProgress({ connect });
    expect(progress.follow(observation('configured'))).toBeUndefined();
    await over();
    expect(progress.follow(observation('configured'))).toBe('pullInstaller');
    expect(opened()).toBe(1);
    progress.follow(observation('configured', 'b2'));
    await over();
    expect(opened()).toBe(2);
  });

  it('keeps the last lines and the fatal error, for when the machine is back with an empty log', async () => {
    const { connect, over } = machine({
      events: [
        { type: 'sequence', sequence: 'install', action: 'NOOP', error: { code: 'FATAL', message: 'exit code 1' } },
      ],
      log: [...Array.from({ length: 40 }, (_, index) => `line ${index}\n`), 'no space ', 'left on device\n'],
    });
    const progress = installProgress({ connect });
    progress.follow(observation('configured'));
    await over();
    const words = await progress.lastWords(observation('maintenance', 'b2'), signal);
    expect(words).toHaveLength(15);
    expect(words).toContain('no space left on device');
    expect(words).not.toContain('line 0');
  });

  it('shows the log of the boot that is, when nobody could listen before', async () => {
    const { connect } = machine({ log: ['talos: no config, maintenance mode\n'] });
    expect(await installProgress({ connect }).lastWords(observation('maintenance'), signal)).toEqual([
      'talos: no config, maintenance mode',
    ]);
  });

  it('has nothing to show where Talos shows no log, or nobody answers', async () => {
    const notSupported = new Fault({
      code: 'talos/not-supported',
      kind: 'operator',
      exitCode: 1,
      title: 'no',
      state: '',
      remedy: '',
      places: [],
    });
    const silent = installProgress({
      connect: async () => ({
        events: (() => Promise.reject(notSupported)) as unknown as TalosClient['events'],
        // biome-ignore lint/correctness/useYield: it has nothing to give.
        dmesg: async function* () {
          throw notSupported;
        },
        close: () => undefined,
      }),
    });
    expect(await silent.lastWords(observation('maintenance'), signal)).toEqual([]);
    const gone = installProgress({ connect: () => Promise.reject(notSupported) });
    expect(gone.follow(observation('configured'))).toBeUndefined();
    expect(await gone.lastWords(observation('maintenance'), signal)).toEqual([]);
  });
});
