import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { StampedEvent } from '../core/event.ts';
import { Journal } from '../core/journal.ts';
import { CliWorld } from '../test/fakes/cli-world.ts';
import type { MemoryFiles } from '../test/fakes/memory-files.ts';
import { runCli } from './run-cli.ts';
import type { World } from './world.ts';

const rackFile = readFileSync('examples/three-nodes/rack.yaml', 'utf8');
const journalPath = '/state/journal.jsonl';

describe('the commands that look at what was done', () => {
  let world: World;
  let files: MemoryFiles;
  let said: CliWorld['said'];
  let writer: number | undefined;

  const run = async (...argv: string[]) => {
    said.out = '';
    said.err = '';
    const exitCode = await runCli([...argv, '--state', '/state'], world);
    return { exitCode, ...said };
  };

  beforeEach(async () => {
    writer = undefined;
    const cli = new CliWorld();
    ({ files, said } = cli);
    world = Object.assign(cli, { writerOf: async () => writer });
    await files.writeAtomically('/work/rack.yaml', rackFile, 0o644);
    const journal = await Journal.open(journalPath, world);
    const { name } = parse(rackFile) as { name: string };
    await journal.append({ type: 'run.started', rack: name, command: 'rackwright up rack.yaml' });
    await journal.append({ type: 'step.started', step: 'install/cp-1', memory: { bootMark: 'b1' } });
    await journal.append({ type: 'step.started', step: 'install/cp-2' });
    await journal.append({ type: 'step.confirmed', step: 'install/cp-1' });
    await journal.append({ type: 'run.ended', outcome: 'done' });
  });

  it('say that a journal is whole, in words and as data', async () => {
    const words = await run('journal', 'verify', 'rack.yaml');
    expect(words).toMatchObject({ exitCode: 0, err: '' });
    expect(words.out).toMatch(/journal\.jsonl is whole: 5 entries; the last hash is [0-9a-f]{64}\n$/);
    const data = await run('journal', 'verify', 'rack.yaml', '-o', 'json');
    expect(JSON.parse(data.out)).toMatchObject({ isWhole: true, entries: 5, voidedLines: 0 });
  });

  it('name the line at which a journal is broken, and still show what stands before it', async () => {
    const text = (await files.readText(journalPath)) ?? '';
    await files.writeAtomically(journalPath, text.replace('install/cp-2', 'install/cp-9'), 0o600);
    const verified = await run('journal', 'verify', 'rack.yaml');
    expect([verified.exitCode, verified.out]).toEqual([1, '']);
    expect(verified.err).toMatch(/broken at line 3: its content does not match its hash/);
    const shown = await run('journal', 'show', 'rack.yaml');
    expect(shown.exitCode).toBe(1);
    expect(shown.out).toMatch(/install\/cp-1 starts/);
    expect(shown.out).not.toMatch(/cp-9/);
  });

  it('show the entries, of one machine or of one step', async () => {
    const all = await run('journal', 'show', 'rack.yaml');
    expect(all.out.trimEnd().split('\n')).toHaveLength(6);
    expect(all.out).toMatch(/install\/cp-1 starts \(bootMark=b1\)/);
    const ofMachine = await run('journal', 'show', 'rack.yaml', '--machine', 'cp-1', '-o', 'json');
    const { items } = JSON.parse(ofMachine.out) as { items: { seq: number }[] };
    expect(items.map(({ seq }) => seq)).toEqual([2, 4]);
    const ofStep = await run('journal', 'show', 'rack.yaml', '--step', 'install/cp-2', '-o', 'yaml');
    expect((parse(ofStep.out) as { items: { seq: number }[] }).items.map(({ seq }) => seq)).toEqual([3]);
  });

  it('compact a journal, which is whole and knows the same afterwards', async () => {
    const { exitCode, out } = await run('journal', 'compact', 'rack.yaml');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/All 5 entries .* still count/);
    for (let at = 0; at < 5; at++) {
      await (await Journal.open(journalPath, world)).append({ type: 'run.ended', outcome: 'again' });
    }
    expect((await run('journal', 'compact', 'rack.yaml')).out).toMatch(/instead of 10; the old text is in .*until-10/);
    expect((await run('journal', 'verify', 'rack.yaml')).exitCode).toBe(0);
    const journal = await Journal.open(journalPath, world);
    expect(journal.pastOf('install/cp-1')).toEqual({ uncertain: false, confirmed: true, memory: { bootMark: 'b1' } });
    expect(journal.pastOf('install/cp-2').uncertain).toBe(true);
  });

  it('look on at the run of somebody else, with its exit code, and touch nothing', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const note = (event: StampedEvent) => files.appendDurably('/state/events.jsonl', `${JSON.stringify(event)}\n`);
    await note({ type: 'run.started', command: 'rackwright up rack.yaml', rack: 'r', machines: [], at });
    writer = 4711;
    const watching = run('watch', 'rack.yaml', '-o', 'json');
    await note({ type: 'step.done', step: 'secrets', title: 'Mint', alreadyDone: false, at });
    await note({ type: 'run.finished', outcome: 'not finished', exitCode: 6, at });
    const { exitCode, out } = await watching;
    expect(exitCode).toBe(6);
    expect(out.trimEnd().split('\n')).toHaveLength(3);
  });

  it('say which command goes on when whoever worked was killed', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const begin: StampedEvent = {
      type: 'run.started',
      command: 'rackwright up rack.yaml',
      rack: 'r',
      machines: [],
      at,
    };
    await files.appendDurably('/state/events.jsonl', `${JSON.stringify(begin)}\n`);
    const { exitCode, out } = await run('watch', 'rack.yaml', '-o', 'json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      outcome: 'ended without a word',
      next: 'rackwright up rack.yaml',
    });
  });
});
