import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { runCli } from './run-cli.ts';

const rackFile = readFileSync('examples/three-nodes/rack.yaml', 'utf8');

describe('rackwright dhcp print', () => {
  let world: CliWorld;
  const run = async (...argv: string[]) => {
    const exitCode = await runCli(['dhcp', 'print', ...argv], world);
    return { exitCode, ...world.said };
  };

  beforeEach(async () => {
    world = new CliWorld();
    await world.files.writeAtomically('/work/rack.yaml', rackFile, 0o644);
  });

  it('prints what the rack file says, with the address of the boot server', async () => {
    const { exitCode, out, err } = await run('--for', 'dnsmasq', '--server', '10.20.0.2', 'rack.yaml');
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toContain('talos-amd64.efi,10.20.0.2,10.20.0.2\n');
    expect(out).toContain('http://10.20.0.2:8080/talos-amd64.efi');
    expect(out).not.toContain('arm64');
  });

  it('prints only the way that the rack file wants, and the architectures of boot.assets', async () => {
    const assets = rackFile.replace(
      /boot:\n(  .*\n)+/,
      'boot: { assets: { architectures: [arm64] }, through: uefi-http }\n',
    );
    await world.files.writeAtomically('/work/rack.yaml', assets, 0o644);
    const { out } = await run('--for', 'dnsmasq', '--server', '10.20.0.2', 'rack.yaml');
    expect(out).toContain('http://10.20.0.2:8080/talos-arm64.efi');
    expect(out).not.toMatch(/amd64|,talos-arm64/);
  });

  it('does without a rack file when it is told everything', async () => {
    const { exitCode, out } = await run('--for', 'isc', '--server', '10.0.0.9', '--arch', 'arm64', '--http-port', '81');
    expect(exitCode).toBe(0);
    expect(out).toContain('filename "http://10.0.0.9:81/talos-arm64.efi";');
    expect(out).not.toContain('amd64');
  });

  it('leaves BIOS and iPXE out where there is no iPXE, and takes them in when it is told to', async () => {
    expect((await run('--for', 'kea', '--server', '10.0.0.9')).out).not.toContain('ipxe');
    const { out } = await run('--for', 'kea', '--server', '10.0.0.9', '--ipxe');
    expect(out).toContain('undionly.kpxe');
    expect(out).toContain('talos-amd64.ipxe');
  });

  describe('where the rack file sends everything through iPXE', () => {
    const argv = ['--for', 'dnsmasq', '--server', '10.20.0.2', 'rack.yaml'] as const;
    const place = (...names: readonly string[]) =>
      Promise.all(names.map((name) => world.files.writeAtomically(name, 'a program', 0o644)));

    beforeEach(async () => {
      const through = rackFile.replace(/^boot:\n/m, 'boot:\n  through: ipxe\n  ipxe: our-ipxe\n');
      await world.files.writeAtomically('/work/rack.yaml', through, 0o644);
    });

    it('hands out the iPXE of the directory that the rack file names', async () => {
      await place('/work/our-ipxe/undionly.kpxe', '/work/our-ipxe/snponly.efi');
      const { exitCode, out, err } = await run(...argv);
      expect([exitCode, err]).toEqual([0, '']);
      for (const name of [',undionly.kpxe,', ',snponly.efi,', '/snponly.efi', '.ipxe']) expect(out).toContain(name);
    });

    it('takes every iPXE to be there when it is told to', async () => {
      const { exitCode, out, err } = await run(...argv, '--ipxe', '--arch', 'amd64,arm64');
      expect([exitCode, err]).toEqual([0, '']);
      for (const name of [',undionly.kpxe,', ',snponly.efi,', ',snponly-arm64.efi,']) expect(out).toContain(name);
    });

    it('says whom it leaves out when one iPXE is missing', async () => {
      await place('/usr/lib/ipxe/undionly.kpxe');
      const { exitCode, out, err } = await run(...argv);
      expect([exitCode, err]).toEqual([0, expect.stringContaining('Left out: machines that need snponly.efi')]);
      expect(out).toContain('undionly.kpxe');
    });

    it.each([[[]], [['--no-ipxe']]])('prints nothing, and says what to do, without any iPXE: %j', async (more) => {
      if (more.length > 0) await place('/usr/lib/ipxe/undionly.kpxe');
      const { exitCode, out, err } = await run(...argv, ...more);
      expect([exitCode, out]).toEqual([4, '']);
      expect(err).toContain('bin/no-ipxe-to-print');
      expect(err).toMatch(/undionly\.kpxe, snponly\.efi[\s\S]*package ipxe[\s\S]*boot\.ipxe[\s\S]*--ipxe/);
    });
  });

  it.each([
    ['no address', ['--for', 'kea', 'rack.yaml'], '--server'],
    ['a server that it does not know', ['--for', 'bind', 'rack.yaml'], 'bind'],
    ['a word for an address', ['--for', 'kea', '--server', 'me'], 'must be an IPv4 address'],
    ['an architecture that Talos does not run on', ['--for', 'kea', '--arch', 'z80'], 'must be amd64'],
    ['a rack file that is not there', ['--for', 'kea', 'no.yaml'], 'no.yaml'],
  ])('refuses %s with exit code 4', async (_, argv, says) => {
    const { exitCode, out, err } = await run(...argv);
    expect([exitCode, out]).toEqual([4, '']);
    expect(err).toContain(says);
  });
});
