import { describe, expect, it } from 'vitest';
import type { CosiEvent } from './cosi-event.ts';
import { type FollowEvent, followResources } from './follow-resources.ts';
import { talosFailed, talosForbidden, talosNotSupported } from './talos-faults.ts';

const about = { at: '10.0.0.11:50000', call: 'Watch', reason: 'because' };
const clock = { sleep: () => Promise.resolve() };
const resource = (id: string, version: string, created = 'boot 1') => ({
  id,
  version,
  created,
  phase: 'running',
  spec: {},
});
const shown = (id: string, version: string, created?: string): CosiEvent => ({
  type: 'created',
  resource: resource(id, version, created),
});
const end: CosiEvent = { type: 'bootstrapped' };

/** Follows watches of these contents; a fault at the end breaks the watch off. */
async function follow(watches: readonly (readonly (CosiEvent | Error)[])[]): Promise<string[]> {
  const leave = new AbortController();
  const left = [...watches];
  const watchNext = async function* () {
    const watch = left.shift();
    if (watch === undefined) leave.abort();
    for (const event of watch ?? []) {
      if (event instanceof Error) throw event;
      yield event;
    }
  };
  const brief = (event: FollowEvent) =>
    'resource' in event
      ? `${event.type} ${event.resource.id}`
      : 'id' in event
        ? `${event.type} ${event.id}`
        : event.type;
  return Array.fromAsync(followResources(watchNext, { clock, signal: leave.signal }), brief);
}

describe('followResources', () => {
  it('tells after a break only what is not as it was', async () => {
    expect(
      await follow([
        [shown('same', '1'), shown('changed', '1'), shown('gone', '1'), end],
        [shown('same', '1'), shown('changed', '2'), shown('new', '1'), end],
      ]),
    ).toEqual([
      'created same',
      'created changed',
      'created gone',
      'bootstrapped',
      'interrupted',
      'updated changed',
      'created new',
      'destroyed gone',
      'bootstrapped',
      'interrupted',
    ]);
  });

  it('takes the same version of another boot for a change', async () => {
    const told = await follow([
      [shown('sda', '1'), end],
      [shown('sda', '1', 'boot 2'), end],
    ]);
    expect(told).toContain('updated sda');
  });

  it('takes nothing for gone that a watch which broke off early did not come to', async () => {
    const told = await follow([
      [shown('a', '1'), shown('b', '1'), end],
      [shown('a', '1'), talosFailed(about)],
      [shown('a', '1'), shown('b', '1'), end],
    ]);
    expect(told.filter((event) => event.startsWith('destroyed'))).toEqual([]);
  });

  it('says that this Talos has no such type, and ends', async () => {
    expect(await follow([[talosNotSupported(about)]])).toEqual(['not-supported']);
  });

  it('ends with a fault that waiting does not mend', async () => {
    await expect(follow([[talosForbidden(about)]])).rejects.toMatchObject({ code: 'talos/forbidden' });
  });
});
