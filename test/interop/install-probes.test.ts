import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../firmware/run-command.ts';
import { RunningProgram } from '../firmware/running-program.ts';

const mine = `d-${process.pid}-me`;
const theirs = `d-${process.pid}-them`;
const theirMac = '52:54:00:d0:00:02';
const servers: RunningProgram[] = [];

const ip = (...command: string[]) =>
  runCommand(
    'ip',
    command.flatMap((words) => words.split(' ')),
  );
const probe = async (...args: string[]) =>
  JSON.parse(
    await runCommand('ip', [
      ...`netns exec ${mine}`.split(' '),
      process.execPath,
      resolve('test/interop/probe-program.ts'),
      ...args,
    ]),
  ) as unknown;

/** Two hosts on one cable: us, and one with two addresses that answers no port but 53. */
beforeAll(async () => {
  await ip('netns add', mine);
  await ip('netns add', theirs);
  await ip('-n', mine, 'link add eth0 type veth peer name eth0 netns', theirs);
  await ip('-n', theirs, 'link set eth0 address', theirMac);
  await ip('-n', mine, 'address add 10.99.0.1/24 dev eth0');
  await ip('-n', theirs, 'address add 10.99.0.2/24 dev eth0');
  for (const last of [3, 4]) await ip('-n', theirs, `address add 10.99.0.${last}/24 dev eth0`);
  for (const host of [mine, theirs]) for (const link of ['lo', 'eth0']) await ip('-n', host, `link set ${link} up`);
  await serveDns('10.99.0.2', '--host-record=ghcr.io,140.82.121.5', '--local=/#/');
  await serveDns('10.99.0.3', '--address=/#/10.9.9.9');
});

async function serveDns(address: string, ...knows: string[]): Promise<void> {
  const server = new RunningProgram('setpriv', [
    ...`--pdeathsig KILL ip netns exec ${theirs} dnsmasq --pid-file= --keep-in-foreground --no-resolv --no-hosts`.split(
      ' ',
    ),
    ...`--conf-file=/dev/null --log-facility=- --user=root --bind-interfaces --listen-address=${address}`.split(' '),
    ...knows,
  ]);
  servers.push(server);
  await server.until('dnsmasq is ready', 20_000, (printed) => (printed.includes('started') ? true : undefined));
}

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  for (const host of [mine, theirs]) await ip('netns delete', host);
});

describe('who has an address', () => {
  it('is told by the kernel, also when its owner answers nothing else', async () => {
    expect(await probe('arp', 'eth0', '10.99.0.3', theirMac)).toEqual({ kind: 'somebody', mac: theirMac });
  });

  it('is nobody where nobody answers', async () => {
    expect(await probe('arp', 'eth0', '10.99.0.9')).toEqual({ kind: 'nobody' });
  });

  it('is a stranger only when the kernel has asked again', async () => {
    expect(await probe('arp', 'eth0', '10.99.0.2')).toEqual({ kind: 'somebody', mac: theirMac });
  });

  it('is nobody for one who has left, although the kernel remembers', async () => {
    await ip('-n', mine, `neighbour replace 10.99.0.8 lladdr 52:54:00:d0:00:08 dev eth0 nud stale`);
    expect(await probe('arp', 'eth0', '10.99.0.8')).toEqual({ kind: 'nobody' });
  });

  it('cannot be asked in another network, and is ourselves for our own', async () => {
    expect(await probe('arp', 'eth0', '10.98.0.2')).toMatchObject({ kind: 'unasked' });
    expect(await probe('arp', 'eth0', '10.99.0.1')).toEqual({ kind: 'ourselves' });
  });
});

describe('what dnsmasq knows', () => {
  it('is an address, or none', async () => {
    expect(await probe('dns', '10.99.0.2', 'ghcr.io')).toEqual({ kind: 'knows', address: '140.82.121.5' });
    expect(await probe('dns', '10.99.0.2', 'quay.io')).toEqual({ kind: 'knows-not' });
  });

  it('is too much where it knows what nobody has', async () => {
    expect(await probe('dns', '10.99.0.3', 'ghcr.io')).toEqual({ kind: 'wildcard', address: '10.9.9.9' });
  });

  it('is told of a server that is silent, too', async () => {
    expect(await probe('dns', '10.99.0.9', 'ghcr.io')).toEqual({ kind: 'silent' });
  });
});

describe('how large a packet may be', () => {
  it('is told by what the other kernel refuses, and so by what a way that is too narrow loses', async () => {
    expect(await probe('packets', 'eth0', '10.99.0.2', '1500')).toEqual({ kind: 'through', sizeBytes: 1500 });
    await ip('-n', theirs, 'link set eth0 mtu 1400');
    expect(await probe('packets', 'eth0', '10.99.0.2', '1500')).toEqual({ kind: 'lost', sizeBytes: 1500 });
    expect(await probe('packets', 'eth0', '10.99.0.2', '1400')).toEqual({ kind: 'through', sizeBytes: 1400 });
    await ip('-n', theirs, 'link set eth0 mtu 1500');
    expect(await probe('packets', 'eth0', '10.99.0.9', '1500')).toMatchObject({ kind: 'unasked' });
  });
});

describe('what chrony says of the time', () => {
  it('is what our clock says, since it is the clock of the same computer; also when it is asked by its name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rackwright-chrony-'));
    const path = join(folder, 'chrony.conf');
    const said = ['local stratum 8', 'allow all', 'cmdport 0', `pidfile ${folder}/pid`, `bindcmdaddress ${folder}/s`];
    await writeFile(path, said.join('\n'));
    const chrony = new RunningProgram('setpriv', [
      ...`--pdeathsig KILL ip netns exec ${theirs} chronyd -d -x -u root -f ${path}`.split(' '),
    ]);
    servers.push(chrony);
    await chrony.until('chrony is ready', 20_000, (printed) => (printed.includes('starting') ? true : undefined));
    await serveDns('10.99.0.4', '--host-record=ntp.example,10.99.0.2');
    const near = (found: unknown) => {
      const [{ aheadOfServer = Infinity } = {}] = (found as { servers: { aheadOfServer?: number }[] }).servers;
      expect(Math.abs(aheadOfServer)).toBeLessThan(1000);
    };
    near(await probe('time', '10.99.0.2', '10.99.0.4'));
    near(await probe('time', 'ntp.example', '10.99.0.4'));
    expect(await probe('time', '10.99.0.9', '10.99.0.4')).toEqual({ servers: [{ server: '10.99.0.9' }] });
    await rm(folder, { recursive: true });
  });
});
