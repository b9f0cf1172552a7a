import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import type { MacAddress } from '../core/mac-address.ts';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { runCli } from './run-cli.ts';

const mac = '52:54:00:00:00:01' as MacAddress;
const asked = (at: string): Event & { at: string } => ({
  at: `2025-12-31T23:59:${at}Z`,
  type: 'boot.asked',
  mac,
  service: 'dhcp',
  message: 'discover',
  firmware: 'uefi-pxe',
  architecture: 'x64 UEFI',
  isAnswered: true,
});

describe('rackwright boot trace', () => {
  let world: CliWorld;
  const run = async (...argv: string[]) => {
    Object.assign(world.said, { out: '', err: '' });
    const exitCode = await runCli(['boot', 'trace', 'rack.yaml', ...argv, '--state', '/state'], world);
    return { exitCode, ...world.said };
  };

  beforeEach(async () => {
    world = new CliWorld();
    await world.files.writeAtomically('/work/rack.yaml', readFileSync('examples/three-nodes/rack.yaml', 'utf8'), 0o644);
  });

  it('says that nothing was seen, and how to see something', async () => {
    expect(await run()).toMatchObject({ exitCode: 0, out: 'No machine was seen to boot yet.\n' });
    expect(await run('cp-1')).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('rackwright doctor') as string,
    });
  });

  it('tells each moment of a boot, and the likely cause of a stall', async () => {
    const events = [
      asked('00'),
      { ...asked('00'), type: 'boot.decided', machine: 'cp-1', decision: 'uki-tftp' },
      asked('04'),
    ];
    const log = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    await world.files.writeAtomically('/state/events.jsonl', `half a line\n${log}`, 0o600);
    for (const name of ['cp-1', mac, mac.toUpperCase()]) {
      const { exitCode, out } = await run(name);
      expect(exitCode).toBe(0);
      expect(out.split('\n').slice(0, 4)).toEqual([
        `cp-1 (${mac}) by uefi-pxe`,
        '  2025-12-31T23:59:00Z  uefi-pxe (x64 UEFI) sent discover to port 67, and was told what to boot',
        '  2025-12-31T23:59:04Z  uefi-pxe (x64 UEFI) sent discover to port 67, and was told what to boot',
        '  stands still since 2025-12-31T23:59:04Z',
      ]);
      expect(out).toContain('PXE-E16');
    }
    expect((await run('cp-2')).err).toContain('Seen were cp-1.');
    const { items } = JSON.parse((await run('-o', 'json')).out) as { items: { stall: { shows: string } }[] };
    expect(items.map(({ stall }) => stall.shows)).toEqual([expect.stringContaining('PXE-E16')]);
  });
});
