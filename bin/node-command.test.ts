import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Journal, type JournalRecord } from '../core/journal.ts';
import { removedMachines } from '../installer/index.ts';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { runCli } from './run-cli.ts';

const journalPath = '/state/journal.jsonl';
const [old, current] = ['3c:ec:ef:00:00:01', '3c:ec:ef:00:00:02'];
let world: CliWorld;

const release = async (machine: string, ...args: string[]) => {
  Object.assign(world.said, { out: '', err: '' });
  const words = ['node', 'release', 'rack.yaml', machine, '--reason', 'mended', ...args, '--state', '/state'];
  return { exitCode: await runCli(words, world), ...world.said };
};
const remember = async (...records: JournalRecord[]) => {
  const journal = await Journal.open(journalPath, world);
  for (const record of records) await journal.append(record);
};
const heldOf = async () => {
  const { entries } = await Journal.open(journalPath, world);
  return removedMachines(entries).flatMap(({ macs }) => macs);
};

beforeEach(async () => {
  world = new CliWorld();
  await world.files.writeAtomically('/work/rack.yaml', readFileSync('examples/three-nodes/rack.yaml', 'utf8'), 0o644);
});

describe('node release', () => {
  it('releases a frozen machine, and not one that was removed under its name, also when it is given twice', async () => {
    await remember(
      { type: 'machine.removed', machine: 'cp-2', macs: [old] },
      { type: 'step.started', step: 'install/cp-2', memory: { macs: current } },
      { type: 'step.confirmed', step: 'install/cp-2' },
      { type: 'machine.frozen', machine: 'cp-2', reason: 'it boots in circles' },
    );
    const first = await release('cp-2');
    expect(first).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^cp-2 is released/) as string });
    expect(first.out).toContain(`${old} stays held: it was removed`);
    expect((await release('cp-2')).out).toMatch(/^cp-2 is not held; nothing was changed/);
    expect(await heldOf()).toEqual([old]);
    expect((await release('cp-2', '--mac', '3C-EC-EF-00-00-01')).out).toMatch(`cp-2 (${old}) is released`);
    expect(await heldOf()).toEqual([]);
  });

  it('releases a removed machine by its name, also when the rack file has it no more', async () => {
    await remember({ type: 'machine.removed', machine: 'big-1', macs: [old] });
    expect((await release('big-1')).out).toBe(
      `big-1 (${old}) is released; it may ask the network for a boot file again.\n`,
    );
    expect(await heldOf()).toEqual([]);
  });

  it('changes nothing for a machine that is not held, and refuses one that nobody knows', async () => {
    expect((await release('cp-1')).out).toBe('cp-1 is not held; nothing was changed.\n');
    expect(await release('nobody')).toMatchObject({ exitCode: 4 });
  });
});
