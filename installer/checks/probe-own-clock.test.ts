import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { probeOwnClock } from './probe-own-clock.ts';
import { decodeSntpAnswer, encodeSntpQuery } from './sntp-message.ts';

const from1900 = 2_208_988_800;
const { signal } = new AbortController();

/** A time server whose clock is so many milliseconds ahead; the first byte and the stratum as given. */
const answerTo = (query: Uint8Array, ahead: number, header = 0x24, stratum = 2) => {
  const bytes = new Uint8Array(48);
  const view = new DataView(bytes.buffer);
  bytes[0] = header;
  bytes[1] = stratum;
  bytes.set(query.subarray(40, 48), 24);
  const at = nodeClock.now().getTime() + ahead;
  for (const place of [32, 40]) {
    view.setUint32(place, Math.floor(at / 1000) + from1900);
    view.setUint32(place + 4, ((at % 1000) / 1000) * 2 ** 32);
  }
  return bytes;
};

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function serve(answer: (query: Uint8Array) => Uint8Array) {
  const socket = createSocket('udp4', (query, from) => socket.send(answer(query), from.port, from.address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return socket.address().port;
}

const probe = (port: number, isSynchronized?: boolean, timeServers = ['127.0.0.1']) =>
  probeOwnClock(
    { network: { timeServers, nameservers: [] as string[] } as never },
    {
      network: nodeNetwork,
      clock: { now: () => nodeClock.now(), sleep: (span, end) => nodeClock.sleep((span / 20) as typeof span, end) },
      random: trueRandom,
      host: { isClockSynchronized: async () => isSynchronized },
      port,
    },
    signal,
  );

describe('probeOwnClock', () => {
  it.each([60_000, -60_000])('tells how far a time server is ahead of us: %d ms', async (ahead) => {
    const port = await serve((query) => answerTo(query, ahead));
    const { servers, isSynchronized } = await probe(port, true);
    expect(isSynchronized).toBe(true);
    expect(servers[0]?.server).toBe('127.0.0.1');
    expect(Math.abs((servers[0]?.aheadOfServer ?? 0) + ahead)).toBeLessThan(1000);
  });

  it('takes a server that is not synchronised itself, refuses, or answers another question for silent', async () => {
    const of = [
      (query: Uint8Array) => answerTo(query, 0, 0xe4),
      (query: Uint8Array) => answerTo(query, 0, 0x24, 0),
      (query: Uint8Array) =>
        answerTo(
          query.map((byte) => byte ^ 1),
          0,
        ),
      () => new Uint8Array(7),
    ];
    for (const answer of of) {
      const port = await serve(answer);
      expect(await probe(port)).toEqual({ servers: [{ server: '127.0.0.1' }] });
    }
  });

  it('tells what the system says when there is nobody to ask, also for a name that nobody resolves', async () => {
    expect(await probe(9, false, [])).toEqual({ isSynchronized: false, servers: [] });
    expect(await probe(9, undefined, ['ntp.example'])).toEqual({ servers: [{ server: 'ntp.example' }] });
  });
});

describe('the messages of SNTP', () => {
  it('ask with a mark that only the answer can bring back, and read times on both sides of 2036', () => {
    const query = encodeSntpQuery(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect([query.byteLength, query[0]]).toEqual([48, 0x23]);
    const answer = answerTo(query, 0);
    expect([...(decodeSntpAnswer(answer)?.cookie ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    new DataView(answer.buffer).setUint32(32, 0);
    new DataView(answer.buffer).setUint32(36, 0);
    expect(new Date(decodeSntpAnswer(answer)!.receivedAt).toISOString()).toBe('2036-02-07T06:28:16.000Z');
  });
});
