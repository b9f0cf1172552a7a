import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../core/ports.ts';
import { BatchReceiver } from './batch-receiver.ts';
import { type NativeWaits, nativeSockets } from './native-sockets.ts';
import { openUdp } from './open-udp.ts';
import { WaitInTurns } from './wait-in-turns.ts';

const native = await nativeSockets();
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('a socket of a peer that takes turns', () => {
  it('answers a thousand questions, each asked when the last was answered', async () => {
    const server = await listen((bytes, from) => server.send(Buffer.from(bytes).reverse(), from));
    const { ask } = await client(server.local);
    for (let turn = 0; turn < 1000; turn += 1) {
      expect(await ask(Buffer.of(turn >> 8, turn & 0xff, 7))).toEqual(Buffer.of(7, turn & 0xff, turn >> 8));
    }
  });

  it('hears of each peer what that peer sent', async () => {
    const server = await listen((bytes, from) => server.send(bytes, from));
    const clients = await Promise.all(Array.from({ length: 8 }, () => client(server.local)));
    const converse = async (ask: (question: Buffer) => Promise<Buffer>, who: number) => {
      for (let turn = 0; turn < 100; turn += 1) expect(await ask(Buffer.of(who, turn))).toEqual(Buffer.of(who, turn));
    };
    await Promise.all(clients.map(({ ask }, who) => converse(ask, who)));
  });

  it('is answered when what the answer needs comes later, by promise, by timer or by the next turn', async () => {
    const laters = [
      () => Promise.resolve(),
      () => setTimeout(1),
      () => setImmediate(),
      () => new Promise<void>((resolve) => process.nextTick(resolve)),
    ];
    let heard = 0;
    const server = await listen(
      (bytes, from) => {
        const later = laters[heard % laters.length];
        heard += 1;
        void later?.().then(() => server.send(bytes, from));
      },
      () => false,
    );
    const { ask } = await client(server.local);
    for (let turn = 0; turn < 40; turn += 1) expect(await ask(Buffer.of(turn))).toEqual(Buffer.of(turn));
  });

  it('does not keep timers and other sockets waiting while turns go on', async () => {
    const server = await listen((bytes, from) => server.send(bytes, from));
    const { ask } = await client(server.local);
    const over = new AbortController();
    const busy = (async () => {
      while (!over.signal.aborted) await ask(Buffer.of(1));
    })();
    const plain = await openUdp({ address: '127.0.0.1', port: 0, onMessage: (bytes, from) => plain.send(bytes, from) });
    open.push(plain);
    await setTimeout(20);
    const other = await client(plain.local);
    expect(await other.ask(Buffer.of(9))).toEqual(Buffer.of(9));
    over.abort();
    await busy;
  });

  it('hears nothing more when it is closed, and others are heard', async () => {
    let heard = 0;
    const closing = await listen((bytes, from) => {
      heard += 1;
      closing.send(bytes, from);
      if (heard === 3) void closing.close();
    });
    const { ask, tell } = await client(closing.local);
    for (let turn = 0; turn < 2; turn += 1) await ask(Buffer.of(turn));
    for (let turn = 0; turn < 20; turn += 1) tell(Buffer.of(turn));
    const server = await listen((bytes, from) => server.send(bytes, from));
    const another = await client(server.local);
    expect(await another.ask(Buffer.of(5))).toEqual(Buffer.of(5));
    expect(heard).toBe(3);
  });
});

describe.runIf(native?.waits !== undefined)('waiting in turns', () => {
  /** What `wait` gives, one row for each call; nothing after the last. */
  function turnsOf(rows: readonly (readonly number[])[], waitTakesMillis = 0) {
    const waits: (readonly number[])[] = [];
    let now = 0;
    const fake: NativeWaits = {
      watch: () => true,
      unwatch: () => undefined,
      wait: () => {
        const ready = rows[waits.length] ?? [];
        waits.push(ready);
        now += waitTakesMillis;
        return ready;
      },
    };
    const receiver = new BatchReceiver({
      receiveMany: (_, headers) => {
        headers.fill(0, 56, 60);
        return 1;
      },
      sendMany: () => 0,
      addressOf: () => 0n,
    });
    return { turns: new WaitInTurns(fake, receiver, () => now), waits };
  }
  const ours = 7;
  const node = 3;

  it('stops when nothing comes, and begins when Node hears the next datagram', async () => {
    const { turns, waits } = turnsOf([[ours], [], [ours], []]);
    turns.add(ours, { onMessage: () => undefined, isDone: () => true });
    turns.onHeard();
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    expect(waits).toHaveLength(2);
    turns.onHeard();
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    expect(waits).toHaveLength(4);
  });

  it('gives Node its turn as soon as Node has something to do, or a datagram leaves something to do', async () => {
    const { turns, waits } = turnsOf([[ours], [node], [ours], [ours], []]);
    let asked = 0;
    turns.add(ours, {
      onMessage: () => undefined,
      isDone: () => {
        asked += 1;
        return asked !== 2;
      },
    });
    const seen: number[] = [];
    turns.onHeard();
    for (let turn = 0; turn < 4; turn += 1) {
      await setImmediate();
      seen.push(waits.length);
    }
    expect(seen).toEqual([2, 3, 5, 5]);
  });

  it('gives Node its turn after a millisecond, however many datagrams come', async () => {
    const { turns, waits } = turnsOf(
      Array.from({ length: 100 }, () => [ours]),
      0.3,
    );
    turns.add(ours, { onMessage: () => undefined, isDone: () => true });
    turns.onHeard();
    await setImmediate();
    expect(waits).toHaveLength(4);
  });

  it('leaves a peer that pauses to Node, also where Node always has something to do', async () => {
    const { turns, waits } = turnsOf(Array.from({ length: 100 }, () => [node]));
    turns.add(ours, { onMessage: () => undefined, isDone: () => true });
    turns.onHeard();
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    expect(waits).toHaveLength(8);
  });

  it('waits for nobody once the last socket is gone', async () => {
    const { turns, waits } = turnsOf([[ours]]);
    turns.add(ours, { onMessage: () => undefined, isDone: () => true });
    turns.remove(ours);
    turns.onHeard();
    await setImmediate();
    expect(waits).toEqual([]);
  });
});

async function listen(onMessage: (bytes: Uint8Array, from: Endpoint) => void, inTurns = () => true) {
  const socket = await openUdp({ address: '127.0.0.1', port: 0, inTurns, onMessage });
  open.push(socket);
  return socket;
}

async function client(server: Endpoint) {
  const socket = createSocket('udp4');
  open.push(socket);
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  const tell = (question: Buffer) => socket.send(question, server.port, server.address);
  const ask = async (question: Buffer): Promise<Buffer> => {
    const answer = once(socket, 'message');
    tell(question);
    return (await answer)[0] as Buffer;
  };
  return { ask, tell };
}
