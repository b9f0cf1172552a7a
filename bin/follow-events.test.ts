import { describe, expect, it } from 'vitest';
import type { StampedEvent } from '../core/event.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { followEvents } from './follow-events.ts';
import { eventLogPath, recordEvents } from './record-events.ts';

const at = '2026-01-01T00:00:00.000Z';
const started = (command: string): StampedEvent => ({ type: 'run.started', command, rack: 'r', machines: [], at });
const done = (step: string): StampedEvent => ({ type: 'step.done', step, title: step, alreadyDone: false, at });
const finished: StampedEvent = { type: 'run.finished', outcome: 'handed off', exitCode: 0, at };
const path = eventLogPath('/state');

function site(isAlive: () => boolean) {
  const files = new MemoryFiles();
  const leaving = new AbortController();
  const follow = () =>
    followEvents({
      path,
      files,
      clock: new VirtualClock(),
      isAlive: async () => isAlive(),
      signal: leaving.signal,
    });
  return { files, follow, leave: () => leaving.abort() };
}

describe('followEvents', () => {
  it('tells the last run from its beginning, then each event as it comes, and ends with the run', async () => {
    const { files, follow } = site(() => true);
    const log = await recordEvents('/state', files);
    for (const event of [started('first'), finished, started('second'), done('a')]) log.note(event);
    await log.close();
    const seen: string[] = [];
    for await (const event of follow()) {
      seen.push(event.type === 'run.started' ? event.command : event.type);
      if (event.type === 'step.done' && event.step === 'a') {
        log.note(done('b'));
        log.note(finished);
      }
    }
    expect(seen).toEqual(['second', 'step.done', 'step.done', 'run.finished']);
  });

  it('tells a run that has ended, and does not wait for another', async () => {
    const { files, follow } = site(() => false);
    const log = await recordEvents('/state', files);
    for (const event of [started('only'), done('a'), finished]) log.note(event);
    await log.close();
    expect(await Array.fromAsync(follow())).toHaveLength(3);
  });

  it('ends when whoever wrote was killed, having told all that was written', async () => {
    let isAlive = true;
    const { files, follow } = site(() => isAlive);
    const log = await recordEvents('/state', files);
    log.note(started('killed'));
    await log.close();
    const seen: StampedEvent[] = [];
    for await (const event of follow()) {
      seen.push(event);
      if (seen.length > 1) continue;
      log.note(done('a'));
      await log.close();
      isAlive = false;
    }
    expect(seen.map(({ type }) => type)).toEqual(['run.started', 'step.done']);
  });

  it('passes over half a line that a crash left, and says nothing of a rack that never ran', async () => {
    const nothing = site(() => false);
    expect(await Array.fromAsync(nothing.follow())).toEqual([]);
    const { files, follow } = site(() => false);
    await files.appendDurably(path, `${JSON.stringify(started('crashed'))}\n{"type":"step.do`);
    const log = await recordEvents('/state', files);
    for (const event of [started('again'), finished]) log.note(event);
    await log.close();
    expect((await Array.fromAsync(follow()))[0]).toMatchObject({ command: 'again' });
  });

  it('goes on over more than one read, and with a log that was begun anew', async () => {
    const { files, follow, leave } = site(() => true);
    const long = 'x'.repeat(700_000);
    for (const event of [started('long'), done(long), done(long)]) {
      await files.appendDurably(path, `${JSON.stringify(event)}\n`);
    }
    const seen: string[] = [];
    for await (const event of follow()) {
      seen.push(event.type);
      if (seen.length === 3) await files.writeAtomically(path, `${JSON.stringify(started('new'))}\n`, 0o600);
      if (seen.length === 4) leave();
    }
    expect(seen).toEqual(['run.started', 'step.done', 'step.done', 'run.started']);
  });
});

describe('recordEvents', () => {
  it('is given up without a word when the disk is full: the run goes on', async () => {
    const files = new MemoryFiles();
    files.appendDurably = () => Promise.reject(new Error('no space left on device'));
    const log = await recordEvents('/state', files);
    log.note(done('a'));
    await log.close();
    log.note(done('b'));
    await expect(log.close()).resolves.toBeUndefined();
  });
});
