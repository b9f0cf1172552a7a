import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import { seconds } from '../../core/millis.ts';
import type { Fact } from '../../core/rack.ts';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import { type BootIntent, decideBoot } from '../decide-boot.ts';
import { encodeDhcp } from '../dhcp/encode-dhcp.ts';
import { encodedOption } from '../dhcp/option-table.ts';
import { FakeNetwork, settle } from '../fake-world.fixture.ts';
import { ovmfPxeDiscover, ovmfPxeRequest } from '../ovmf-requests.fixture.ts';
import { ascii, packetOf, withOptions } from '../request.fixture.ts';
import { DhcpServer } from './dhcp-server.ts';
import { message, said, told } from './lease-client.fixture.ts';
import { leaseNetwork } from './lease-network.ts';
import { LeaseStore } from './lease-store.ts';
import { type DhcpMode, serveDhcp } from './serve-dhcp.ts';

const serverAddress = '10.98.0.1';
const broadcast = { address: '255.255.255.255', port: 67 };
const nobody = { address: '0.0.0.0', port: 68 };

let network: FakeNetwork;
let files: MemoryFiles;
let events: Event[];
let facts: Fact[];
let intent: BootIntent;

beforeEach(() => {
  network = new FakeNetwork();
  files = new MemoryFiles();
  events = [];
  facts = [];
  intent = { kind: 'boot', machine: 'node-1' };
});

async function serve(kind: DhcpMode['kind'], onlyFirmware = false) {
  const emit = (event: Event) => events.push(event);
  const pool = { first: '10.98.0.10', last: '10.98.0.99' };
  const server = new DhcpServer({
    serverAddress,
    networks: [leaseNetwork({ subnet: '10.98.0.0/24', pool, leaseTime: seconds(600) })],
    store: await LeaseStore.open('/leases', files),
    probe: async () => false,
    clock: { now: () => new Date(0) },
    emit,
  });
  const offers = {
    ukis: { amd64: '/srv/amd64' },
    kernels: ['amd64'] as const,
    httpOrigin: `http://${serverAddress}:8080`,
  };
  return serveDhcp({
    network,
    mode: kind === 'full' ? { kind, server, onlyFirmware } : { kind },
    serverAddress,
    ports: { dhcp: 67, proxyDhcp: 4011 },
    emit,
    observe: (fact) => facts.push(fact),
    decide: (client) => decideBoot(client, intent, offers),
  });
}

async function replies(bytes: Uint8Array, from = nobody, to = broadcast) {
  const before = network.sent.length;
  network.deliver(bytes, from, to);
  await settle();
  return network.sent.slice(before).map((sent) => ({ ...sent, packet: packetOf(sent.bytes) }));
}

const plain = encodeDhcp(message('discover', 7));

describe('serveDhcp', () => {
  it('ignores a client without PXE options in proxy mode, and serves it in full mode', async () => {
    const proxy = await serve('proxy');
    expect(await replies(plain)).toEqual([]);
    await proxy.close();
    await serve('full');
    const [offer] = await replies(plain);
    expect(offer?.packet.yiaddr).toMatch(/^10\.98\.0\./);
    expect([offer?.packet.options.has(60), offer?.packet.options.has(67)]).toEqual([false, false]);
  });

  it('gives a boot client address and file in one offer', async () => {
    await serve('full');
    const [offer] = await replies(ovmfPxeDiscover);
    expect(offer?.packet).toMatchObject({ siaddr: serverAddress, file: 'talos-amd64.efi' });
    expect(offer?.packet.yiaddr).not.toBe('0.0.0.0');
    expect(told(offer?.packet, 'vendorSpecific')).toEqual([[6, Uint8Array.of(8)]]);
    expect([...(offer?.packet.options ?? [])].at(-1)?.[0]).toBe(67);
  });

  it('tells iPXE not to wait for a proxy, in full mode only', async () => {
    const ipxe = encodeDhcp(withOptions(packetOf(ovmfPxeDiscover), { 77: ascii('iPXE') }));
    const noProxy = [176, Uint8Array.of(1)];
    const proxy = await serve('proxy');
    expect(told((await replies(ipxe))[0]?.packet, 'ipxe')).not.toContainEqual(noProxy);
    await proxy.close();
    await serve('full');
    const [offer] = await replies(ipxe);
    expect(told(offer?.packet, 'ipxe')).toContainEqual(noProxy);
    // What the offer says in both modes is still there.
    expect(told(offer?.packet, 'ipxe')).toContainEqual([1, Uint8Array.of(1)]);
  });

  it('is silent to a boot client that is held, in full mode too', async () => {
    await serve('full');
    intent = { kind: 'hold', reason: 'not in the rack file' };
    expect(await replies(ovmfPxeDiscover)).toEqual([]);
  });

  it('answers port 4011 in full mode as well', async () => {
    await serve('full');
    const client = { address: '10.98.0.96', port: 4011 };
    const question = encodeDhcp({ ...packetOf(ovmfPxeRequest), ciaddr: client.address });
    const [ack] = await replies(question, client, { address: serverAddress, port: 4011 });
    expect(ack).toMatchObject({ from: { port: 4011 }, to: client, packet: { file: 'talos-amd64.efi' } });
  });

  describe('where addresses are for firmware alone', () => {
    it('gives a boot client address and file, and nobody else anything', async () => {
      await serve('full', true);
      const [offer] = await replies(ovmfPxeDiscover);
      expect(offer?.packet).toMatchObject({ file: 'talos-amd64.efi' });
      expect(offer?.packet.yiaddr).toMatch(/^10\.98\.0\./);
      const requestedAddress = Uint8Array.from((offer?.packet.yiaddr ?? '').split('.').map(Number));
      const chosen = (server: string) =>
        encodeDhcp(
          withOptions(packetOf(ovmfPxeRequest), {
            50: requestedAddress,
            54: Uint8Array.from(server.split('.').map(Number)),
          }),
        );
      expect(await replies(chosen('10.98.0.2'))).toEqual([]);
      await replies(ovmfPxeDiscover);
      const [ack] = await replies(chosen(serverAddress));
      expect(said(ack?.packet)).toBe(`ack ${offer?.packet.yiaddr}`);
      expect(await replies(plain)).toEqual([]);
    });

    it('hears that an address is in use, although EDK2 does not say then that it is a boot client', async () => {
      await serve('full', true);
      const [offer] = await replies(ovmfPxeDiscover);
      const taken = Uint8Array.from((offer?.packet.yiaddr ?? '').split('.').map(Number));
      const ids = { 53: Uint8Array.of(4), 50: taken, 54: Uint8Array.of(10, 98, 0, 1) };
      const bare = { ...packetOf(ovmfPxeRequest), options: new Map() };
      await replies(encodeDhcp(withOptions(bare, ids)));
      const [again] = await replies(ovmfPxeDiscover);
      expect(again?.packet.yiaddr).toMatch(/^10\.98\.0\./);
      expect(again?.packet.yiaddr).not.toBe(offer?.packet.yiaddr);
    });

    it('gives a boot client behind a relay a file without an address, since the pool is of another network', async () => {
      await serve('full', true);
      const relayed = encodeDhcp({ ...packetOf(ovmfPxeDiscover), giaddr: '10.99.0.1' });
      const [offer] = await replies(relayed, { address: '10.99.0.1', port: 67 });
      expect(offer?.packet).toMatchObject({ file: 'talos-amd64.efi', yiaddr: '0.0.0.0' });
      expect(offer?.to.address).toBe('10.99.0.1');
    });

    it('gives iPXE a file without an address, since it takes the first address of all', async () => {
      await serve('full', true);
      const [offer] = await replies(encodeDhcp(withOptions(packetOf(ovmfPxeDiscover), { 77: ascii('iPXE') })));
      expect([offer?.packet.yiaddr, offer?.packet.file]).toEqual(['0.0.0.0', 'http://10.98.0.1:8080/talos-amd64.ipxe']);
    });

    it('refuses nobody an address that another server gave', async () => {
      await serve('full', true);
      const renewing = withOptions(packetOf(ovmfPxeRequest), { 50: Uint8Array.of(192, 168, 1, 1), 54: undefined });
      expect(await replies(encodeDhcp(renewing))).toEqual([]);
      expect(await replies(encodeDhcp(message('request', 7, { ciaddr: '192.168.1.1' })))).toEqual([]);
    });
  });

  it('only listens when it is off, and learns as much as otherwise', async () => {
    await serve('off');
    expect(await replies(ovmfPxeDiscover)).toEqual([]);
    await replies(ovmfPxeRequest);
    expect(facts).toEqual([{ kind: 'address', mac: '52:54:00:98:00:02', address: '10.98.0.96' }]);
  });

  it('broadcasts a refusal, even to a client with an address', async () => {
    await serve('full');
    const [nak] = await replies(encodeDhcp(message('request', 7, { ciaddr: '192.168.1.1' })));
    expect([said(nak?.packet), nak?.to]).toEqual(['nak', { address: '255.255.255.255', port: 68 }]);
  });

  it('tells when a lease could not be written, and says nothing to the client', async () => {
    await serve('full');
    const [offer] = await replies(plain);
    files.appendDurably = () => Promise.reject(new Error('the disk is full'));
    const address = offer?.packet.yiaddr ?? '';
    const request = message('request', 7, {
      options: [encodedOption('requestedAddress', address), encodedOption('serverIdentifier', serverAddress)],
    });
    expect(await replies(encodeDhcp(request))).toEqual([]);
    expect(events.at(-1)).toMatchObject({ reason: 'the lease was not written: the disk is full' });
  });

  it('closes what it had opened when a port is taken', async () => {
    const openUdp = network.openUdp.bind(network);
    network.openUdp = (options) => (options.port === 67 ? Promise.reject(new Error('taken')) : openUdp(options));
    await expect(serve('proxy')).rejects.toThrow('taken');
    expect(network.openSockets).toEqual([]);
  });
});
