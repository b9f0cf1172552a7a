import { readFileSync } from 'node:fs';
import { beforeEach, expect, it } from 'vitest';
import { Journal } from '../core/journal.ts';
import { installStepId } from '../installer/index.ts';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { runCli } from './run-cli.ts';

const journalPath = '/state/journal.jsonl';
let world: CliWorld;

const netboot = async (...args: string[]) => {
  Object.assign(world.said, { out: '', err: '' });
  const exitCode = await runCli(['netboot', 'once', 'rack.yaml', ...args, '--state', '/state'], world);
  return { exitCode, ...world.said };
};
const timesAsked = async () =>
  ((await world.files.readText(journalPath)) ?? '').match(/"netboot\.asked"/g)?.length ?? 0;

beforeEach(async () => {
  world = new CliWorld();
  await world.files.writeAtomically('/work/rack.yaml', readFileSync('examples/three-nodes/rack.yaml', 'utf8'), 0o644);
});

it('asks once in the journal for a machine that is installed', async () => {
  const journal = await Journal.open(journalPath, world);
  await journal.append({ type: 'step.confirmed', step: installStepId('cp-1') });
  expect(await netboot('cp-1', '--dry-run')).toMatchObject({ exitCode: 2 });
  expect(await timesAsked()).toBe(0);
  expect((await netboot('cp-1')).out).toContain('cp-1 boots Talos from the network the next time');
  expect((await netboot('cp-1')).out).toContain('already');
  expect(await timesAsked()).toBe(1);
});

it('changes nothing for a machine that is not installed, which boots from the network anyway', async () => {
  expect(await netboot('cp-1')).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('is not installed') as string,
  });
  expect(await timesAsked()).toBe(0);
});

it('refuses a machine that was removed while it was silent, since it gets nothing to boot', async () => {
  const journal = await Journal.open(journalPath, world);
  await journal.append({ type: 'machine.removed', machine: 'cp-1', macs: ['3c:ec:ef:00:00:01'] });
  expect(await netboot('cp-1')).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining('wipe its disk, then rackwright node release') as string,
  });
  expect(await timesAsked()).toBe(0);
});

it('refuses a machine that nobody knows', async () => {
  expect(await netboot('nobody')).toMatchObject({ exitCode: 4 });
});
