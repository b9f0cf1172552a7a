import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { serveTftp } from '../../pxe/tftp/serve-tftp.ts';
import { openLossyRelay } from './lossy-relay.ts';
import { runClient } from './run-client.ts';

const blocks = 100;
const clients = [
  {
    client: 'atftp, windowsize 4',
    blockSize: 1468,
    get: (port: number, to: string) =>
      runClient('atftp', [
        ...['--option', 'multicast disable', '--option', 'blksize 1468', '--option', 'windowsize 4'],
        ...['--get', '--remote-file', 'uki', '--local-file', to, '127.0.0.1', String(port)],
      ]),
  },
  {
    // With options it asks for a time-out of 6 s, and gets it.
    client: 'curl without options, lock-step',
    blockSize: 512,
    get: (port: number, to: string) =>
      runClient('curl', ['--silent', '--show-error', '--tftp-no-options', '-o', to, `tftp://127.0.0.1:${port}/uki`]),
  },
  {
    client: 'busybox, lock-step',
    blockSize: 1400,
    get: (port: number, to: string) =>
      runClient('busybox', ['tftp', '-b', '1400', '-g', '-r', 'uki', '-l', to, '127.0.0.1', String(port)]),
  },
];

it.each(clients)('$client gets its file where one packet in twenty is lost each way', async ({ blockSize, get }) => {
  const directory = await mkdtemp(join(tmpdir(), 'rackwright-loss-'));
  const [path, to] = [join(directory, 'uki'), join(directory, 'got')];
  const content = randomBytes(blocks * blockSize - 1);
  await writeFile(path, content);
  const ended = Promise.withResolvers<{ complete: boolean; resentBlocks: number }>();
  const service = await serveTftp({
    ...{ network: nodeNetwork, files: nodeFiles, clock: nodeClock, singlePort: true },
    emit: (event) => {
      if (event.type !== 'file.served') return;
      ended.resolve({ complete: event.complete, resentBlocks: event.tftp?.resentBlocks ?? 0 });
    },
    at: { address: '127.0.0.1', port: 0 },
    pathOf: () => path,
  });
  const relay = await openLossyRelay(service.local.port, 0.05, 1);
  try {
    expect(await get(relay.port, to)).toMatchObject({ code: 0 });
    expect((await readFile(to)).equals(content)).toBe(true);
    const { resentBlocks } = await ended.promise;
    expect(resentBlocks).toBeGreaterThan(0);
    expect(resentBlocks).toBeLessThan(blocks);
  } finally {
    relay.close();
    await service.close();
    await rm(directory, { recursive: true, force: true });
  }
});
