import { Command } from 'commander';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExitCode } from '../core/fault.ts';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { addInitCommand } from './init-command.ts';

describe('rackwright init', () => {
  let world: CliWorld;

  const run = async (...argv: string[]) => {
    let exitCode: ExitCode | undefined;
    const program = new Command('rackwright');
    addInitCommand(program, {
      world,
      typed: '',
      end: (code) => {
        exitCode = code;
      },
    });
    await program.parseAsync(['init', ...argv], { from: 'user' });
    return exitCode;
  };

  beforeEach(() => {
    world = new CliWorld();
  });

  it('writes a rack file for the machines that the state directory remembers', async () => {
    const known = { macs: ['52:54:00:00:00:01'], address: '10.0.0.201', firstSeen: 1, lastSeen: 2 };
    await world.files.writeAtomically('/state/inventory.jsonl', `${JSON.stringify(known)}\n`, 0o600);
    expect(await run('lab.yaml', '--name', 'lab', '--state', '/state')).toBe(0);
    const text = await world.files.readText('/work/lab.yaml');
    expect(text).toContain('name: lab\n');
    expect(text).toContain('    mac: 52:54:00:00:00:01\n');
    expect(world.said.out).toContain('rackwright up lab.yaml --dry-run');
  });

  it('begins with what `get machines` saw without a rack file', async () => {
    const known = { macs: ['52:54:00:00:00:02'], address: '10.0.0.202', firstSeen: 1, lastSeen: 2 };
    const path = '/home/.local/state/rackwright/_machines/inventory.jsonl';
    await world.files.writeAtomically(path, `${JSON.stringify(known)}\n`, 0o600);
    expect(await run()).toBe(0);
    expect(await world.files.readText('/work/rack.yaml')).toContain('    mac: 52:54:00:00:00:02\n');
  });

  it('never overwrites a file', async () => {
    await world.files.writeAtomically('/work/rack.yaml', 'mine', 0o644);
    expect(await run()).toBe(4);
    expect(await world.files.readText('/work/rack.yaml')).toBe('mine');
    expect(world.said.err).toContain('bin/rack-file-there');
  });
});
