import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseMac } from '../../core/mac-address.ts';
import { seconds } from '../../core/millis.ts';
import type { LeaseNetworkOptions } from '../../pxe/dhcp-server/lease-network.ts';
import { ovmfHttpDiscover, ovmfPxeDiscover, ovmfPxeRequest } from '../../pxe/ovmf-requests.fixture.ts';
import type { RunningProgram } from '../firmware/running-program.ts';
import { optionOf, readDhcp, textOf } from '../lab/dhcp-wire.ts';
import { DhcpLab, linesOf, otherServerAddress, relayAddress, serverAddress, untilLine } from './dhcp-lab.ts';
import { readPackets } from './read-packets.ts';

const near: LeaseNetworkOptions = {
  subnet: '10.101.0.0/24',
  pool: { first: '10.101.0.100', last: '10.101.0.110' },
  leaseTime: seconds(600),
};
const far: LeaseNetworkOptions = {
  subnet: '10.101.7.0/24',
  pool: { first: '10.101.7.100', last: '10.101.7.110' },
  gateway: relayAddress,
  leaseTime: seconds(600),
};

let lab: DhcpLab;
let server: RunningProgram;

beforeEach(async ({ task }) => {
  lab = new DhcpLab(task.id.slice(-4));
  await lab.open();
  await writeFile(join(lab.directory, 'udhcpc'), udhcpcScript);
  await writeFile(join(lab.directory, 'dhclient'), dhclientScript);
  await writeFile(join(lab.directory, 'dhclient.conf'), 'timeout 3;\ninitial-interval 1;\nbackoff-cutoff 1;\n');
  for (const name of ['udhcpc', 'dhclient']) await chmod(join(lab.directory, name), 0o755);
});
afterEach(async ({ task }) => {
  const lines = linesOf(server.printed);
  const read = await readPackets(join(lab.directory, 'sent.pcap'), lines);
  await lab.close();
  // What a test makes our server send is decoded by tshark too; a failed test has failed already.
  if (task.result?.state === 'pass' || task.result?.state === 'run') {
    expect(read).toEqual({ sent: read.sent, taken: read.sent, complaints: [] });
  }
});

describe('in proxy mode', () => {
  it('udhcpc is ignored', async () => {
    server = await lab.startServer({ mode: 'proxy' });
    const client = startUdhcpc('cli', ['-n', '-q', '-t', '2', '-T', '1']);
    await client.until('udhcpc gives up', 30_000, (printed) => printed.includes('no lease, failing') || undefined);
    expect(sentBy(server)).toEqual([]);
  });

  it('dhclient is ignored', async () => {
    server = await lab.startServer({ mode: 'proxy' });
    const client = startDhclient(['-1']);
    await client.until(
      'dhclient gives up',
      40_000,
      (printed) => /No DHCPOFFERS|Unable to obtain/.test(printed) || undefined,
    );
    expect(sentBy(server)).toEqual([]);
  });

  it('dnsmasq hands out the address while we hand out the boot file, over PXE and over HTTP', async () => {
    server = await lab.startServer({ mode: 'proxy' });
    await startDnsmasq();
    const client = await startAsking('cli', '10.101.0.50', [ovmfPxeDiscover, ovmfHttpDiscover]);
    const heard = await client.until('four offers', 30_000, (printed) => {
      const offers = linesOf(printed).map(({ hex }) => readDhcp(Buffer.from(String(hex), 'hex'))!);
      return offers.length >= 4 ? offers : undefined;
    });
    const summary = heard.map((offer) => ({
      from: [...(optionOf(offer, 54) ?? [])].join('.'),
      address: offer.yiaddr !== '0.0.0.0',
      file: textOf(optionOf(offer, 67) ?? new Uint8Array()),
    }));
    const ofLan = { from: otherServerAddress, address: true, file: '' };
    for (const file of ['talos-amd64.efi', `http://${serverAddress}:8080/talos-amd64.efi`]) {
      expect(summary).toContainEqual({ from: serverAddress, address: false, file });
    }
    expect(summary.filter((one) => one.address)).toEqual([ofLan, ofLan]);
  });

  it('two-step firmware gets the file on port 4011, from there', async () => {
    server = await lab.startServer({ mode: 'proxy' });
    const question = Buffer.from(ovmfPxeRequest);
    question.set([10, 101, 0, 50], 12);
    const client = await startAsking('cli', '10.101.0.50', [question], ['4011', serverAddress, '4011']);
    const heard = await untilLine(client, 'an answer', ({ type }) => type === 'heard');
    const ack = readDhcp(Buffer.from(String(heard['hex']), 'hex'))!;
    expect([ack.file, optionOf(ack, 53)?.[0], optionOf(ack, 43)]).toEqual(['talos-amd64.efi', 5, undefined]);
    expect(sentBy(server)).toMatchObject([{ from: { port: 4011 }, to: { address: '10.101.0.50', port: 4011 } }]);
  });

  it('isc-dhcp-relay takes question and offer across, with its own option 82', async () => {
    server = await lab.startServer({ mode: 'proxy' });
    await startRelay();
    const client = await startAsking('far', '10.101.7.50', [ovmfPxeDiscover]);
    const heard = await untilLine(client, 'an offer', ({ type }) => type === 'heard');
    expect(readDhcp(Buffer.from(String(heard['hex']), 'hex'))).toMatchObject({
      file: 'talos-amd64.efi',
      siaddr: serverAddress,
    });
    const [offer] = sentBy(server);
    expect(offer).toMatchObject({ to: { address: relayAddress, port: 67 } });
    const sent = readDhcp(Buffer.from(String(offer?.['hex']), 'hex'))!;
    expect(sent.options.at(-1)?.[0]).toBe(82);
    expect(optionOf(sent, 82)?.length).toBeGreaterThan(2);
  });
});

describe('in full mode', () => {
  it('udhcpc gets a lease, renews it, and gives it back', async () => {
    server = await lab.startServer({ mode: 'full', networks: [near] });
    const client = startUdhcpc('cli', ['-a500']);
    const { address } = await changed('given');
    await client.until(
      'udhcpc is bound',
      20_000,
      (printed) => printed.includes(`bound ${String(address)}`) || undefined,
    );
    expect(String(address)).toMatch(/^10\.101\.0\.1(0\d|10)$/);
    const pid = Number(await readFile(join(lab.directory, 'udhcpc.pid'), 'utf8'));
    process.kill(pid, 'SIGUSR1');
    expect(await changed('renewed')).toMatchObject({ address });
    await client.until(
      'udhcpc renewed',
      20_000,
      (printed) => printed.includes(`renew ${String(address)}`) || undefined,
    );
    process.kill(pid, 'SIGUSR2');
    expect(await changed('released')).toMatchObject({ address });
    expect(await readFile(join(lab.directory, 'leases'), 'utf8')).toContain('released');
  });

  it('dhclient gets the address that is reserved for it, renews when half of it is over, and gives it back', async () => {
    const mac = parseMac(/ether (\S+)/.exec(await lab.ip('cli', 'link show eth0'))?.[1] ?? '')!;
    const reservations = [{ mac, address: '10.101.0.20', hostName: 'cp-1' }];
    server = await lab.startServer({ mode: 'full', networks: [{ ...near, reservations, leaseTime: seconds(6) }] });
    const client = startDhclient(['-d']);
    expect(await changed('given')).toMatchObject({ address: '10.101.0.20', mac });
    await client.until('dhclient is bound', 20_000, (printed) => printed.includes('bound to 10.101.0.20') || undefined);
    expect(await changed('renewed')).toMatchObject({ address: '10.101.0.20' });
    await client.stop();
    await startDhclient(['-r']).until(
      'dhclient ended',
      20_000,
      (printed) => printed.includes('DHCPRELEASE') || undefined,
    );
    expect(await changed('released')).toMatchObject({ address: '10.101.0.20' });
  });

  it('a PXE client gets address and boot file in one', async () => {
    server = await lab.startServer({ mode: 'full', networks: [near] });
    const client = startUdhcpc('cli', ['-V', 'PXEClient:Arch:00007:UNDI:003016', '-x', '0x5d:0007']);
    const { address } = await changed('given');
    await client.until(
      'udhcpc is bound',
      20_000,
      (printed) => printed.includes(`bound ${String(address)} file talos-amd64.efi from ${serverAddress}`) || undefined,
    );
  });

  it('an address that a host uses without a lease is offered to nobody', async () => {
    await lab.ip('oth', 'address add 10.101.0.100/24 dev eth0');
    const networks = [{ ...near, pool: { first: '10.101.0.100', last: '10.101.0.101' } }];
    server = await lab.startServer({ mode: 'full', networks });
    startUdhcpc('cli', ['-r', '10.101.0.100']);
    expect(await changed('given')).toMatchObject({ address: '10.101.0.101' });
    expect(await changed('conflict')).toMatchObject({ address: '10.101.0.100' });
  });

  it('leases are known after a kill, and the client keeps its address', async () => {
    server = await lab.startServer({ mode: 'full', networks: [near] });
    const client = startUdhcpc('cli', []);
    const { address } = await changed('given');
    await client.until('udhcpc is bound', 20_000, (printed) => printed.includes('bound ') || undefined);
    await server.stop();
    server = await lab.startServer({ mode: 'full', networks: [near] });
    process.kill(Number(await readFile(join(lab.directory, 'udhcpc.pid'), 'utf8')), 'SIGUSR1');
    expect(await changed('renewed')).toMatchObject({ address });
  });

  it('isc-dhcp-relay gets addresses of the network behind it, and the renewal comes without it', async () => {
    server = await lab.startServer({ mode: 'full', networks: [near, far] });
    await startRelay();
    const client = startUdhcpc('far', []);
    const { address } = await changed('given');
    expect(String(address)).toMatch(/^10\.101\.7\.1/);
    await client.until('udhcpc is bound', 20_000, (printed) => printed.includes('bound ') || undefined);
    await lab.ip('far', `route add 10.101.0.0/24 via ${relayAddress}`);
    process.kill(Number(await readFile(join(lab.directory, 'udhcpc.pid'), 'utf8')), 'SIGUSR1');
    expect(await changed('renewed')).toMatchObject({ address });
    // The relay hears the renewal in passing and sends it on once more, so that this is not always the last answer.
    const ack = await untilLine(
      server,
      'the ACK leaves',
      ({ type, to }) => type === 'sent' && (to as { address: string }).address === address,
    );
    expect(ack).toMatchObject({ to: { address, port: 68 } });
  });

  it('refuses to start beside another DHCP server, and starts when it is told that there may be one', async () => {
    await startDnsmasq();
    server = await lab.startServer({ mode: 'full', networks: [near], besideOthers: false });
    expect(linesOf(server.printed).find(({ type }) => type === 'fault')).toMatchObject({
      code: 'pxe/other-dhcp-server',
      message: expect.stringContaining(otherServerAddress) as string,
    });
    server = await lab.startServer({ mode: 'full', networks: [near], besideOthers: true });
    expect(linesOf(server.printed).at(-1)).toMatchObject({ type: 'listening' });
  });

  it('starts alone when nobody answers', async () => {
    server = await lab.startServer({ mode: 'full', networks: [near], besideOthers: false });
    expect(linesOf(server.printed).at(-1)).toMatchObject({ type: 'listening' });
  });
});

describe('tshark', () => {
  it('would say so if a packet were malformed', async () => {
    server = await lab.startServer({ mode: 'proxy' });
    const at = { address: serverAddress, port: 67 };
    const broken = Buffer.from(ovmfPxeDiscover);
    broken.set([53, 200], 240);
    const sent = { type: 'sent', from: at, to: at, hex: broken.toString('hex') };
    expect((await readPackets(join(lab.directory, 'broken.pcap'), [sent])).complaints).toHaveLength(1);
  });
});

const changed = (state: string) =>
  untilLine(server, `a lease is ${state}`, (line) => line.type === 'lease.changed' && line['state'] === state);
const sentBy = (program: RunningProgram) => linesOf(program.printed).filter(({ type }) => type === 'sent');

const startUdhcpc = (host: 'cli' | 'far', more: readonly string[]) =>
  lab.start(host, 'busybox', [
    ...['udhcpc', '-f', '-i', 'eth0', '-p', join(lab.directory, 'udhcpc.pid'), '-s', join(lab.directory, 'udhcpc')],
    ...more,
  ]);

function startDhclient(more: readonly string[]): RunningProgram {
  const file = (name: string) => join(lab.directory, name);
  return lab.start('cli', 'dhclient', [
    ...['-4', '-v', '-sf', file('dhclient'), '-lf', file('dhclient.leases'), '-pf', file('dhclient.pid')],
    ...['-cf', file('dhclient.conf'), ...more, 'eth0'],
  ]);
}

async function startDnsmasq(): Promise<void> {
  const dnsmasq = lab.start('oth', 'dnsmasq', [
    ...[
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--user=root',
      '--group=root',
      '--pid-file=',
      '--log-facility=-',
    ],
    ...['--port=0', '--interface=eth0', '--bind-interfaces', '--no-ping', '--dhcp-authoritative', '--leasefile-ro'],
    '--dhcp-range=10.101.0.200,10.101.0.220,255.255.255.0,1h',
  ]);
  await dnsmasq.until('dnsmasq serves', 10_000, (printed) => printed.includes('DHCP, IP range') || undefined);
}

async function startRelay(): Promise<void> {
  const relay = lab.start('rel', 'dhcrelay', [
    '-4',
    '-d',
    '-a',
    '--no-pid',
    '-id',
    'down0',
    '-iu',
    'up0',
    serverAddress,
  ]);
  await relay.until('the relay listens', 10_000, (printed) => printed.includes('Sending on   Socket') || undefined);
}

/** A client that only asks, from an address of its own. */
async function startAsking(
  host: 'cli' | 'far',
  address: string,
  messages: readonly Uint8Array[],
  ports: readonly string[] = ['68', '255.255.255.255', '67'],
): Promise<RunningProgram> {
  await lab.ip(host, `address add ${address}/24 dev eth0`);
  const program = join(import.meta.dirname, 'dhcp-client-program.ts');
  return lab.start(host, process.execPath, [
    program,
    address,
    ...ports,
    ...messages.map((message) => Buffer.from(message).toString('hex')),
  ]);
}

const udhcpcScript = `#!/bin/sh
case "$1" in
  bound|renew) ip address replace "$ip/$mask" dev "$interface" ;;
  deconfig) ip address flush dev "$interface" ;;
esac
echo "$1 $ip file $boot_file from $siaddr"
`;

const dhclientScript = `#!/bin/sh
case "$reason" in
  BOUND|RENEW|REBIND|REBOOT) ip address replace "$new_ip_address/24" dev "$interface" ;;
esac
exit 0
`;
