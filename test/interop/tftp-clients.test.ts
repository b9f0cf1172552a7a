import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import type { Event } from '../../core/event.ts';
import { serveTftp, type TftpService } from '../../pxe/tftp/serve-tftp.ts';
import { runClient } from './run-client.ts';

let directory: string;
let service: TftpService;
let events: Event[] = [];
/** Resolves with the end of the transfer: the last ACK may reach us after the client has ended. */
let next = Promise.withResolvers<Event>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-tftp-'));
  service = await serveTftp({
    network: nodeNetwork,
    files: nodeFiles,
    clock: nodeClock,
    emit: (event) => {
      if (event.type !== 'file.served') return;
      events.push(event);
      next.resolve(event);
    },
    at: { address: '127.0.0.1', port: 0 },
    pathOf: (name) => (name.startsWith('served-') ? join(directory, name) : undefined),
  });
});
beforeEach(() => {
  events = [];
  next = Promise.withResolvers();
});
afterAll(async () => {
  await service.close();
  await rm(directory, { recursive: true, force: true });
});

const curl = (name: string, to: string, options: readonly string[]) =>
  runClient('curl', [
    '--silent',
    '--show-error',
    ...options,
    '-o',
    to,
    `tftp://127.0.0.1:${service.local.port}/${name}`,
  ]);
/** Its busybox asks for tsize, and for blksize when that is not 512. */
const busybox = (name: string, to: string, blockSize: number) =>
  runClient('busybox', [
    'tftp',
    ...(blockSize === 512 ? [] : ['-b', String(blockSize)]),
    '-g',
    '-r',
    name,
    '-l',
    to,
    '127.0.0.1',
    String(service.local.port),
  ]);
const atftp = (name: string, to: string, options: readonly string[]) =>
  runClient('atftp', [
    '--option',
    'multicast disable',
    ...options.flatMap((option) => ['--option', option]),
    '--get',
    '--remote-file',
    name,
    '--local-file',
    to,
    '127.0.0.1',
    String(service.local.port),
  ]);
const tftpHpa = (name: string, to: string) =>
  runClient('tftp', ['-m', 'binary', '127.0.0.1', String(service.local.port), '-c', 'get', name, to]);

const clients = [
  { client: 'curl without options', blockSize: 512, get: (a: string, b: string) => curl(a, b, ['--tftp-no-options']) },
  {
    client: 'curl, blksize 1024',
    blockSize: 1024,
    get: (a: string, b: string) => curl(a, b, ['--tftp-blksize', '1024']),
  },
  {
    client: 'curl, blksize 65464',
    blockSize: 1468,
    get: (a: string, b: string) => curl(a, b, ['--tftp-blksize', '65464']),
  },
  { client: 'tftp-hpa', blockSize: 512, get: tftpHpa },
  { client: 'busybox', blockSize: 512, get: (a: string, b: string) => busybox(a, b, 512) },
  { client: 'busybox, blksize 1400', blockSize: 1400, get: (a: string, b: string) => busybox(a, b, 1400) },
  { client: 'atftp', blockSize: 512, get: (a: string, b: string) => atftp(a, b, []) },
  {
    client: 'atftp, blksize 1024 and tsize',
    blockSize: 1024,
    get: (a: string, b: string) => atftp(a, b, ['blksize 1024', 'tsize']),
  },
  {
    client: 'atftp, windowsize 8',
    blockSize: 512,
    get: (a: string, b: string) => atftp(a, b, ['windowsize 8']),
  },
];

describe.each(clients)('$client', ({ get, blockSize }) => {
  it.each([1, blockSize - 1, blockSize, blockSize + 1, 3 * blockSize])('gets a file of %i bytes exactly', (sizeBytes) =>
    expectExact(get, sizeBytes),
  );
});

/** curl takes the true tsize of an empty file for an error, so it is asked for without options. */
describe.each(clients.filter(({ blockSize }) => blockSize === 512))('$client', ({ get }) => {
  it('gets an empty file', () => expectExact(get, 0));
});

describe('block numbers beyond 65535', () => {
  it('wrap as curl expects', async () => {
    await expectExact((name, to) => curl(name, to, ['--tftp-blksize', '64']), 64 * 65_540 + 10);
  });

  it('wrap as tftp-hpa expects', async () => {
    await expectExact(tftpHpa, 512 * 65_540 + 10);
  });
});

describe('a file that is not served', () => {
  const to = () => join(directory, 'unserved');
  const received = () => readFile(to(), 'utf8').catch(() => '');

  it('is refused at once with error 1, as the exit code of curl says', async () => {
    expect((await curl('autoexec.ipxe', to(), [])).code).toBe(68);
    expect([await received(), events]).toEqual(['', []]);
  });

  it('is refused at once with a word that tftp-hpa prints', async () => {
    expect((await tftpHpa('autoexec.ipxe', to())).printed).toContain('no such file');
    expect([await received(), events]).toEqual(['', []]);
  });
});

async function expectExact(get: (name: string, to: string) => ReturnType<typeof runClient>, sizeBytes: number) {
  const name = `served-${sizeBytes}`;
  const content = randomBytes(sizeBytes);
  const to = join(directory, `got-${sizeBytes}`);
  await writeFile(join(directory, name), content);
  const { code, printed } = await get(name, to);
  expect({ code, printed }).toMatchObject({ code: 0 });
  expect((await readFile(to)).equals(content)).toBe(true);
  expect(await next.promise).toMatchObject({
    type: 'file.served',
    address: '127.0.0.1',
    file: name,
    protocol: 'tftp',
    bytes: sizeBytes,
    complete: true,
  });
  expect(events).toHaveLength(1);
}
