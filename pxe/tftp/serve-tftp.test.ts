import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import { millis, seconds } from '../../core/millis.ts';
import type { Endpoint } from '../../core/ports.ts';
import { FakeClock, FakeFiles, FakeNetwork, settle } from '../fake-world.fixture.ts';
import { decodeTftp } from './decode-tftp.ts';
import { encodeTftp } from './encode-tftp.ts';
import { serveTftp, type TftpService, type TftpServiceOptions } from './serve-tftp.ts';
import type { TftpPacket } from './tftp-packet.ts';

const at = { address: '10.0.0.2', port: 69 };
const client = { address: '10.0.0.9', port: 1833 };

let network: FakeNetwork;
let files: FakeFiles;
let clock: FakeClock;
let events: Event[];
let service: TftpService;

beforeEach(async () => {
  network = new FakeNetwork();
  files = new FakeFiles();
  clock = new FakeClock();
  events = [];
  files.contents.set('/srv/uki', new Uint8Array(700).fill(5));
  service = await serveOn();
});

function serveOn(more: Partial<TftpServiceOptions> = {}): Promise<TftpService> {
  return serveTftp({
    network,
    files,
    clock,
    emit: (event) => events.push(event),
    at,
    pathOf: (name) => (name === 'talos-amd64.efi' ? '/srv/uki' : undefined),
    ...more,
  });
}

describe('serveTftp', () => {
  it('sends a file from a port of its own, and says so when the last block is acknowledged', async () => {
    await ask('talos-amd64.efi');
    const tid = network.sent[0]?.from ?? at;
    expect(tid.port).not.toBe(69);
    say({ kind: 'ack', block: 1 }, client, tid);
    say({ kind: 'ack', block: 2 }, client, tid);
    await settle();
    expect(answers().map((packet) => packet.kind === 'data' && packet.data.length)).toEqual([512, 188]);
    const about = { address: '10.0.0.9', file: 'talos-amd64.efi', protocol: 'tftp' };
    expect(events).toEqual([
      { type: 'file.started', ...about, bytes: 700 },
      {
        type: 'file.served',
        ...about,
        bytes: 700,
        complete: true,
        durationMillis: 0,
        tftp: { blockSize: 512, windowSize: 1, resentBlocks: 0, options: {} },
      },
    ]);
    expect([network.openSockets, files.openCount]).toEqual([[at], 0]);
  });

  it('tells a size probe from a transfer', async () => {
    await ask('talos-amd64.efi', { tsize: '0' });
    say({ kind: 'error', code: 8, message: '' }, client, network.sent[0]?.from ?? at);
    await settle();
    const probed = { type: 'file.probed', address: '10.0.0.9', file: 'talos-amd64.efi', protocol: 'tftp', bytes: 700 };
    expect([events, network.openSockets]).toEqual([[probed], [at]]);
  });

  it('answers a repeated request again from the transfer under way', async () => {
    await ask('talos-amd64.efi');
    await ask('talos-amd64.efi');
    const [first, second, ...more] = network.sent;
    expect(first).toBeDefined();
    expect([second, more]).toEqual([first, []]);
  });

  it('does not answer a repeated request of a client that has begun to read', async () => {
    await ask('talos-amd64.efi', { windowsize: '4' });
    say({ kind: 'ack', block: 0 }, client, network.sent[0]?.from ?? at);
    await settle();
    const { length } = network.sent;
    await ask('talos-amd64.efi', { windowsize: '4' });
    expect(network.sent).toHaveLength(length);
  });

  it('believes a client that asks for something else from the same port', async () => {
    await ask('talos-amd64.efi');
    await ask('talos-amd64.efi', { blksize: '1024' });
    expect(answers().map((packet) => packet.kind)).toEqual(['data', 'optionAck']);
    expect(network.openSockets).toHaveLength(2);
  });

  it('turns a stranger away from a transfer, and goes on with it', async () => {
    await ask('talos-amd64.efi');
    const tid = network.sent[0]?.from ?? at;
    say({ kind: 'ack', block: 1 }, { ...client, port: 7777 }, tid);
    say({ kind: 'ack', block: 1 }, client, tid);
    expect(network.sent[1]?.to.port).toBe(7777);
    expect(answers().map((packet) => (packet.kind === 'error' ? packet.code : packet.kind))).toEqual([
      'data',
      5,
      'data',
    ]);
  });

  it.each([
    ['a file that is not open to anybody', 'autoexec.ipxe', 1],
    ['a path on the disk', '/srv/uki', 1],
    ['a name that climbs out', 'a/../../talos-amd64.efi', 2],
    ['a name that climbs out the other way', '..\\talos-amd64.efi', 2],
    ['no name', '', 2],
  ])('refuses %s at once', async (_, name, code) => {
    await ask(name);
    expect(answers()).toMatchObject([{ kind: 'error', code }]);
  });

  it.each(['/talos-amd64.efi', '\\talos-amd64.efi', 'talos-amd64.efi\u00ff', 'talos-amd64.efi '])(
    'finds a file that firmware calls %j',
    async (name) => {
      await ask(name);
      expect(answers()).toMatchObject([{ kind: 'data', block: 1 }]);
    },
  );

  it('takes no files and no text mode', async () => {
    say({ kind: 'write', file: 'talos-amd64.efi', mode: 'octet', options: new Map() }, client, at);
    say({ kind: 'read', file: 'talos-amd64.efi', mode: 'netascii', options: new Map() }, client, at);
    await settle();
    expect(answers()).toMatchObject([
      { kind: 'error', code: 2 },
      { kind: 'error', code: 0 },
    ]);
  });

  it('holds no more than eight transfers for one address, and lets others in', async () => {
    for (let n = 0; n < 10; n += 1) await ask('talos-amd64.efi', {}, { ...client, port: 2000 + n });
    await ask('talos-amd64.efi', {}, { address: '10.0.0.10', port: 2000 });
    expect(network.sent.map(({ to }) => `${to.address}:${to.port}`)).toEqual([
      ...Array.from({ length: 8 }, (_, n) => `10.0.0.9:${2000 + n}`),
      '10.0.0.10:2000',
    ]);
  });

  it('reports a file that did not arrive', async () => {
    await ask('talos-amd64.efi');
    for (let second = 0; second < 40; second += 1) await clock.advance(seconds(1));
    expect(events).toMatchObject([{ type: 'file.started' }, { type: 'file.served', bytes: 0, complete: false }]);
  });

  it('tells when the operator’s file is gone', async () => {
    files.contents.clear();
    await ask('talos-amd64.efi');
    expect(answers()).toMatchObject([{ kind: 'error', code: 1 }]);
    expect(network.openSockets).toEqual([at]);
  });

  it('serves from its one port when asked to, and knows its clients apart', async () => {
    await service.close();
    service = await serveOn({ singlePort: true });
    const other = { address: '10.0.0.10', port: 1833 };
    await ask('talos-amd64.efi');
    await ask('talos-amd64.efi', {}, other);
    say({ kind: 'ack', block: 1 }, client, at);
    say({ kind: 'ack', block: 2 }, client, at);
    say({ kind: 'ack', block: 1 }, { ...client, port: 7777 }, at);
    await settle();
    expect(network.sent.map(({ from, to }) => `${from.port} ${to.address}:${to.port}`)).toEqual([
      '69 10.0.0.9:1833',
      '69 10.0.0.10:1833',
      '69 10.0.0.9:1833',
      '69 10.0.0.9:7777',
    ]);
    expect(answers().at(-1)).toMatchObject({ kind: 'error', code: 5 });
    expect(events.map(({ type }) => type)).toEqual(['file.started', 'file.started', 'file.served']);
    expect(events.at(-1)).toMatchObject({ address: '10.0.0.9', complete: true });
    expect(network.openSockets).toEqual([at]);
  });

  it('tells how a transfer went', async () => {
    await ask('talos-amd64.efi', { blksize: '400', windowsize: '2', tsize: '0' });
    const tid = network.sent[0]?.from ?? at;
    await clock.advance(millis(20));
    say({ kind: 'ack', block: 0 }, client, tid);
    await settle();
    await clock.advance(seconds(1));
    say({ kind: 'ack', block: 2 }, client, tid);
    await settle();
    expect(events).toMatchObject([
      { type: 'file.started' },
      {
        complete: true,
        durationMillis: 1020,
        tftp: {
          blockSize: 400,
          windowSize: 2,
          resentBlocks: 2,
          options: { blksize: '400', windowsize: '2', tsize: '700' },
        },
      },
    ]);
  });

  it('keeps to the largest block that the link takes', async () => {
    await service.close();
    service = await serveOn({ largestBlockBytes: 1368 });
    await ask('talos-amd64.efi', { blksize: '1468' });
    expect(answers()).toMatchObject([{ kind: 'optionAck', options: new Map([['blksize', '1368']]) }]);
  });

  it('hears nobody whom it does not admit', async () => {
    await service.close();
    service = await serveOn({ admits: ({ address }) => address !== client.address });
    await ask('talos-amd64.efi');
    await ask('talos-amd64.efi', {}, { address: '10.0.0.10', port: 1 });
    expect(network.sent.map(({ to }) => to.address)).toEqual(['10.0.0.10']);
  });

  it('drops what is no TFTP and tells why', async () => {
    network.deliver(Uint8Array.of(9), client, at);
    expect(events).toMatchObject([{ type: 'packet.dropped', from: '10.0.0.9' }]);
  });

  it('leaves no port and no file open when it is closed', async () => {
    await ask('talos-amd64.efi');
    await service.close();
    expect([network.openSockets, files.openCount]).toEqual([[], 0]);
  });
});

async function ask(
  file: string,
  options: Readonly<Record<string, string>> = {},
  from: Endpoint = client,
): Promise<void> {
  say({ kind: 'read', file, mode: 'octet', options: new Map(Object.entries(options)) }, from, at);
  await settle();
}

function say(packet: TftpPacket, from: Endpoint, to: Endpoint): void {
  network.deliver(encodeTftp(packet), from, to);
}

const answers = () => network.sent.map(({ bytes }) => decodeTftp(bytes));
