import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import type { Fact } from '../core/rack.ts';
import { peImage } from './assets/pe.fixture.ts';
import type { BootIntent } from './decide-boot.ts';
import { encodeDhcp } from './dhcp/encode-dhcp.ts';
import { FakeClock, FakeFiles, FakeNetwork, settle } from './fake-world.fixture.ts';
import { ConfigUrls } from './http/config-urls.ts';
import { ovmfHttpDiscover, ovmfPxeDiscover, ovmfPxeRequest } from './ovmf-requests.fixture.ts';
import { ascii, packetOf, withOptions } from './request.fixture.ts';
import { type BootService, type BootServiceOptions, serveBoots } from './serve-boots.ts';
import { decodeTftp } from './tftp/decode-tftp.ts';
import { encodeTftp } from './tftp/encode-tftp.ts';

const serverAddress = '10.98.0.1';
const broadcast = { address: '255.255.255.255', port: 67 };
const nobody = { address: '0.0.0.0', port: 68 };

let network: FakeNetwork;
let files: FakeFiles;
let events: Event[];
let facts: Fact[];
let intent: BootIntent;
let service: BootService;

beforeEach(async () => {
  network = new FakeNetwork();
  files = new FakeFiles();
  files.contents.set('/srv/amd64', new Uint8Array(100));
  files.contents.set('/srv/arm64', new Uint8Array(200));
  events = [];
  facts = [];
  intent = { kind: 'boot', machine: 'node-1' };
  service = await open();
});

describe('serveBoots', () => {
  it('answers a broadcast from the socket of its own address, whose way is that of the interface', () => {
    network.deliver(ovmfPxeDiscover, nobody, broadcast);
    expect(network.sent).toMatchObject([
      { from: { address: serverAddress, port: 67 }, to: { address: '255.255.255.255', port: 68 } },
    ]);
  });

  it('answers a relay that asks by its own port, where it asked from', () => {
    const relayed = withOptions(packetOf(ovmfPxeDiscover), { 82: Uint8Array.of(19, 0) });
    const relay = { address: '127.0.0.7', port: 41000 };
    network.deliver(encodeDhcp({ ...relayed, giaddr: '127.0.0.7' }), relay, { address: serverAddress, port: 67 });
    expect(network.sent).toMatchObject([{ from: { port: 67 }, to: relay }]);
  });

  it('answers the second step of two-step firmware on port 4011 from there', () => {
    const client = { address: '10.98.0.96', port: 4011 };
    const request = { ...packetOf(ovmfPxeRequest), ciaddr: client.address };
    network.deliver(encodeDhcp(request), client, { address: serverAddress, port: 4011 });
    expect(network.sent).toMatchObject([{ from: { address: serverAddress, port: 4011 }, to: client }]);
  });

  it.each<BootIntent>([
    { kind: 'local-disk', machine: 'node-1' },
    { kind: 'hold', reason: 'not in the rack file' },
  ])('is silent on DHCP, TFTP and HTTP for a machine with the intent $kind', async (wish) => {
    intent = wish;
    network.deliver(ovmfPxeDiscover, nobody, broadcast);
    network.deliver(ovmfHttpDiscover, nobody, broadcast);
    expect(network.sent).toEqual([]);
    expect((await network.request('GET', '/talos-amd64.efi')).status).toBe(404);
    expect(await fetchOverTftp('talos-amd64.efi')).toBe('error 1');
  });

  it('learns addresses from every machine that takes one, boot client or not', () => {
    const talos = withOptions(packetOf(ovmfPxeRequest), { 60: undefined, 93: undefined });
    network.deliver(encodeDhcp(talos), nobody, broadcast);
    expect(facts).toEqual([{ kind: 'address', mac: '52:54:00:98:00:02', address: '10.98.0.96' }]);
    expect([network.sent, events.slice(1)]).toEqual([[], []]);
  });

  it('tells what it drops, and why', () => {
    network.deliver(Uint8Array.of(1, 2, 3), nobody, broadcast);
    network.deliver(encodeDhcp(withOptions(packetOf(ovmfPxeDiscover), { 93: undefined })), nobody, broadcast);
    expect(events.slice(1)).toMatchObject([
      { type: 'packet.dropped', reason: '3 bytes are too few for a DHCP message' },
      { type: 'packet.dropped', reason: expect.stringContaining('option 93') as string },
    ]);
  });

  it('says where it listens', () => {
    expect(events).toEqual([
      {
        type: 'boot.listening',
        interface: 'eth1',
        address: serverAddress,
        services: ['dhcp 67', 'proxydhcp 4011', 'tftp 69', 'http 8080'],
      },
    ]);
  });

  it.each([{ hasDefaultRoute: true }, { isWireless: true }])(
    'refuses an interface with %j before anything is opened, unless it is allowed by name',
    async (facts) => {
      await service.close();
      network.links = [{ name: 'eth1', ipv4: [], ...facts }];
      await expect(open()).rejects.toMatchObject({ code: 'pxe/interface-refused', exitCode: 4 });
      expect(network.openSockets).toEqual([]);
      await open({ allowInterfaces: ['eth1'] });
      expect(network.openSockets).not.toEqual([]);
    },
  );

  it('answers on each interface with the address of that interface', async () => {
    await service.close();
    const openUdp = network.openUdp.bind(network);
    network.openUdp = async (options) => ({
      ...(await openUdp(options)),
      isOfInterface: options.onlyInterface === true,
    });
    const vlan = { name: 'eth1.40', address: '10.40.0.1' };
    service = await open({ interfaces: [{ name: 'eth1', address: serverAddress }, vlan] });
    const relayed = (giaddr: string) => encodeDhcp({ ...packetOf(ovmfHttpDiscover), giaddr });
    network.deliver(relayed('10.98.0.7'), { address: '10.98.0.7', port: 67 }, { address: serverAddress, port: 67 });
    network.deliver(relayed('10.40.0.7'), { address: '10.40.0.7', port: 67 }, { address: vlan.address, port: 67 });
    expect(network.sent.map(({ from, to, bytes }) => [from.address, to.address, packetOf(bytes).file])).toEqual([
      [serverAddress, '10.98.0.7', `http://${serverAddress}:8080/talos-amd64.efi`],
      [vlan.address, '10.40.0.7', `http://${vlan.address}:8080/talos-amd64.efi`],
    ]);
  });

  it('gives blocks as large as a frame of the interface takes', async () => {
    await service.close();
    network.links = [{ name: 'eth1', ipv4: [], mtuBytes: 1400 }];
    service = await open();
    network.deliver(ovmfPxeDiscover, nobody, broadcast);
    const options = new Map([['blksize', '1468']]);
    const request = encodeTftp({ kind: 'read', file: 'talos-amd64.efi', mode: 'octet', options });
    network.deliver(request, { address: '10.98.0.96', port: 1833 }, { address: serverAddress, port: 69 });
    await settle();
    expect(decodeTftp(network.sent[1]?.bytes ?? ascii(''))).toMatchObject({ options: new Map([['blksize', '1368']]) });
  });

  it('is silent to a machine that floods, and answers the others', () => {
    for (let count = 0; count < 40; count += 1) network.deliver(ovmfPxeDiscover, nobody, broadcast);
    expect(network.sent).toHaveLength(16);
    const other = { ...packetOf(ovmfPxeDiscover), chaddr: Uint8Array.of(2, 0, 0, 0, 0, 9) };
    network.deliver(encodeDhcp(other), nobody, broadcast);
    expect(network.sent).toHaveLength(17);
    expect(events.some(({ type }) => type === 'packet.dropped')).toBe(true);
  });

  describe('a machine that starts with a config', () => {
    const config = 'kind: KmsgLogConfig';
    const ipxe = encodeDhcp(withOptions(packetOf(ovmfPxeDiscover), { 77: ascii('iPXE') }));
    const script = async () => {
      const { status, body } = await network.request('GET', '/talos-amd64.ipxe');
      expect(status).toBe(200);
      return Buffer.concat(await Array.fromAsync(body as AsyncIterable<Uint8Array>)).toString();
    };
    /** As the DHCPREQUEST of a running system tells it. */
    const takes = (address: string, chaddr = packetOf(ovmfPxeRequest).chaddr) => {
      const ip = Uint8Array.from(address.split('.').map(Number));
      network.deliver(
        encodeDhcp({ ...withOptions(packetOf(ovmfPxeRequest), { 50: ip, 60: undefined }), chaddr }),
        nobody,
        broadcast,
      );
    };

    beforeEach(async () => {
      await service.close();
      const uki = peImage({ '.cmdline': 'talos.platform=metal', '.linux': 'KERNEL', '.initrd': 'INITRD' });
      files.contents.set('/srv/amd64', uki);
      let made = 0;
      const configUrls = new ConfigUrls({
        clock: new FakeClock(),
        random: { bytes: (count) => new Uint8Array(count).fill((made += 1)) },
      });
      intent = { kind: 'boot', machine: 'node-1', config };
      service = await open({ configUrls });
      network.deliver(ipxe, nobody, broadcast);
      takes('10.0.0.9');
    });

    it('is told a URL of its own in the command line, and gets it there once', async () => {
      const [, path = ''] =
        /initrd=talos-amd64.initrd talos.config=http:\S+?(\/config\/\S+) /.exec(await script()) ?? [];
      const response = await network.request('GET', path);
      expect(response).toMatchObject({ status: 200, headers: { 'Content-Length': String(config.length) } });
      response.onFinished?.(config.length);
      expect((await network.request('GET', path)).status).toBe(404);
      expect(events.at(-2)).toMatchObject({ type: 'file.served', file: 'maintenance config', complete: true });
      expect(JSON.stringify(events)).not.toContain(path);
    });

    it('has each script for itself, so that a URL of an earlier boot is worth nothing', async () => {
      const [first, second] = [await script(), await script()].map((text) => /\/config\/\S+/.exec(text)?.[0] ?? '');
      expect(first).not.toBe(second);
      expect((await network.request('GET', first ?? '')).status).toBe(404);
      expect((await network.request('GET', second ?? '')).status).toBe(200);
    });

    it.each([
      ['its address is another machine’s by now', () => takes('10.0.0.9', Uint8Array.of(2, 0, 0, 0, 0, 9))],
      ['whoever asks for the script has another address', () => takes('10.0.0.77')],
      ['it is to boot without one', () => (intent = { kind: 'boot', machine: 'node-1' })],
    ])('is told none when %s', async (_, happens) => {
      happens();
      expect(await script()).not.toContain('talos.config');
    });
  });

  it('starts kernel and initrd with the command line of the factory where there is one', async () => {
    await service.close();
    const uki = peImage({ '.cmdline': 'of-the-uki', '.linux': 'KERNEL', '.initrd': 'INITRD' });
    files.contents.set('/srv/amd64', uki);
    service = await open({ commandLines: { amd64: 'of-the-factory' } });
    network.deliver(encodeDhcp(withOptions(packetOf(ovmfPxeDiscover), { 77: ascii('iPXE') })), nobody, broadcast);
    const { body } = await network.request('GET', '/talos-amd64.ipxe');
    const text = Buffer.concat(await Array.fromAsync(body as AsyncIterable<Uint8Array>)).toString();
    expect(text).toContain(' initrd=talos-amd64.initrd of-the-factory\n');
  });

  it('refuses to start without the operator’s UKI, and leaves nothing open', async () => {
    await service.close();
    files.contents.delete('/srv/arm64');
    await expect(open()).rejects.toMatchObject({
      code: 'pxe/uki-missing',
      message: expect.stringContaining('/srv/arm64') as string,
    });
    expect(network.openSockets).toEqual([]);
  });

  it('closes what it had opened when a port is taken', async () => {
    await service.close();
    const openUdp = network.openUdp.bind(network);
    network.openUdp = (options) => (options.port === 67 ? Promise.reject(new Error('taken')) : openUdp(options));
    await expect(open()).rejects.toThrow('taken');
    expect(network.openSockets).toEqual([]);
    await expect(network.request('GET', '/')).rejects.toThrow('nobody listens');
  });
});

/** What the first answer to a read request is. */
async function fetchOverTftp(file: string): Promise<string> {
  const before = network.sent.length;
  const request = encodeTftp({ kind: 'read', file, mode: 'octet', options: new Map() });
  network.deliver(request, { address: '10.98.0.96', port: 1833 }, { address: serverAddress, port: 69 });
  await settle();
  const answer = decodeTftp(network.sent[before]?.bytes ?? ascii(''));
  if (answer.kind === 'data') return `${answer.data.length} bytes`;
  return answer.kind === 'error' ? `error ${answer.code}` : answer.kind;
}

function open(more: Partial<BootServiceOptions> = {}): Promise<BootService> {
  return serveBoots({
    network,
    files,
    clock: new FakeClock(),
    emit: (event) => events.push(event),
    observe: (fact) => facts.push(fact),
    interfaces: [{ name: 'eth1', address: serverAddress }],
    ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
    ukis: { amd64: '/srv/amd64', arm64: '/srv/arm64' },
    intentOf: () => intent,
    ...more,
  });
}
