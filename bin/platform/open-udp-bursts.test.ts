import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../core/ports.ts';
import { openUdp } from './open-udp.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe.each([true, false])('a socket that is asked by many at once (inBursts: %s)', (inBursts) => {
  it('hears each datagram once, with its sender, and answers each, whatever its length', async () => {
    const answer = (bytes: Uint8Array, from: Endpoint) => server.send(Uint8Array.from(bytes).reverse(), from);
    const server = await openUdp({ address: '127.0.0.1', port: 0, inBursts, onMessage: answer });
    open.push(server);
    const clients = await Promise.all([client(), client()]);
    const sizes = [1, 300, 576, 1472, 2048];
    const questions = clients.map((_, who) =>
      Array.from({ length: 60 }, (_, index) => {
        const bytes = Buffer.alloc(sizes[index % sizes.length] ?? 1, index);
        bytes[0] = who;
        return bytes;
      }),
    );
    // All wait at the socket before it is read for the first time: this turn ends only behind them.
    for (const [who, { socket }] of clients.entries()) {
      for (const bytes of questions[who] ?? []) socket.send(bytes, server.local.port, '127.0.0.1');
    }
    await Promise.all(clients.map(({ all }) => all));
    for (const [who, { heard }] of clients.entries()) {
      const expected = (questions[who] ?? []).map((bytes) => Buffer.from(bytes).reverse().toString('hex'));
      expect(heard.toSorted()).toEqual(expected.toSorted());
    }
  });

  it('answers one who asks for many of one length with a datagram each, in order', async () => {
    const { socket, heard, all } = await client();
    const answer = (bytes: Uint8Array, from: Endpoint) => server.send(Buffer.concat([bytes, bytes]), from);
    const server = await openUdp({ address: '127.0.0.1', port: 0, inBursts, onMessage: answer });
    open.push(server);
    const questions = Array.from({ length: 60 }, (_, index) => Buffer.alloc(300, index));
    for (const question of questions) socket.send(question, server.local.port, '127.0.0.1');
    await all;
    expect(heard).toEqual(questions.map((question) => question.toString('hex').repeat(2)));
  });

  it('gives bytes that stay as they are when more arrives', async () => {
    const kept: Uint8Array[] = [];
    const all = Promise.withResolvers<undefined>();
    const server = await openUdp({
      address: '127.0.0.1',
      port: 0,
      inBursts,
      onMessage: (bytes) => {
        kept.push(bytes);
        if (kept.length === 100) all.resolve(undefined);
      },
    });
    open.push(server);
    const { socket } = await client();
    for (let index = 0; index < 100; index += 1) socket.send(Buffer.alloc(20, index), server.local.port, '127.0.0.1');
    await all.promise;
    expect(kept.map((bytes) => [bytes[0], bytes[19]])).toEqual(kept.map((_, index) => [index, index]));
  });

  it('sends what it was given before it was closed, and hears nothing after', async () => {
    const { socket, heard } = await client();
    const first = once(socket, 'message');
    const server = await openUdp({ address: '127.0.0.1', port: 0, inBursts, onMessage: () => undefined });
    server.send(Uint8Array.of(7), { address: '127.0.0.1', port: socket.address().port });
    if (!inBursts) await first;
    await server.close();
    await first;
    expect(heard).toEqual(['07']);
    server.send(Uint8Array.of(8), { address: '127.0.0.1', port: socket.address().port });
  });

  it('stops in the middle of a burst when it is closed', async () => {
    let heard = 0;
    let closed: Promise<void> | undefined;
    const over = Promise.withResolvers<undefined>();
    const server = await openUdp({
      address: '127.0.0.1',
      port: 0,
      inBursts,
      onMessage: () => {
        heard += 1;
        if (heard === 3) closed = server.close().then(() => over.resolve(undefined));
      },
    });
    const { socket } = await client();
    for (let index = 0; index < 50; index += 1) socket.send(Buffer.of(index), server.local.port, '127.0.0.1');
    await over.promise;
    await closed;
    expect(heard).toBe(3);
  });
});

async function client() {
  const socket = createSocket('udp4');
  open.push(socket);
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  socket.setRecvBufferSize(1 << 20);
  const heard: string[] = [];
  const all = Promise.withResolvers<undefined>();
  socket.on('message', (bytes) => {
    heard.push(bytes.toString('hex'));
    if (heard.length === 60) all.resolve(undefined);
  });
  return { socket, heard, all: all.promise };
}
