import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { nativeSockets, socketAddress } from './native-sockets.ts';
import { openUdp } from './open-udp.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('socketAddress', () => {
  it('has port and address in the byte order of the network', () => {
    const bytes = socketAddress({ address: '10.1.2.3', port: 0x1234 });
    expect([bytes.length, ...bytes.subarray(2, 8)]).toEqual([16, 0x12, 0x34, 10, 1, 2, 3]);
  });
});

describe('sendSegments', () => {
  it.each([
    [10, 10, [10]],
    [35, 10, [10, 10, 10, 5]],
    [3, 10, [3]],
    [64 * 900, 900, Array<number>(64).fill(900)],
  ])('sends %i bytes by %i as datagrams that keep their content', async (sizeBytes, segmentBytes, sizes) => {
    const receiver = await listen();
    const received: Buffer[] = [];
    const all = Promise.withResolvers<undefined>();
    receiver.on('message', (bytes) => {
      received.push(bytes);
      if (received.length === sizes.length) all.resolve(undefined);
    });
    const sender = await openUdp({ address: '127.0.0.1', port: 0, onMessage: () => undefined });
    open.push(sender);
    const bytes = Uint8Array.from({ length: sizeBytes }, (_, at) => at * 7);
    const before = Buffer.from(bytes);
    sender.sendSegments(bytes, segmentBytes, { address: '127.0.0.1', port: receiver.address().port });
    bytes.fill(0);
    await all.promise;
    expect(received.map(({ length }) => length)).toEqual(sizes);
    expect(Buffer.concat(received).equals(before)).toBe(true);
  });

  it('changes the size of datagrams from one call to the next', async () => {
    const receiver = await listen();
    const sizes: number[] = [];
    const all = Promise.withResolvers<undefined>();
    receiver.on('message', ({ length }) => {
      sizes.push(length);
      if (sizes.length === 10) all.resolve(undefined);
    });
    const sender = await openUdp({ address: '127.0.0.1', port: 0, onMessage: () => undefined });
    open.push(sender);
    const to = { address: '127.0.0.1', port: receiver.address().port };
    for (const segmentBytes of [10, 15, 20]) sender.sendSegments(new Uint8Array(20), segmentBytes, to);
    sender.sendSegments(new Uint8Array(20), 10, to);
    sender.send(new Uint8Array(17), to);
    sender.sendSegments(new Uint8Array(16), 15, to);
    await all.promise;
    expect(sizes).toEqual([10, 10, 15, 5, 20, 10, 10, 17, 15, 1]);
  });
});

const native = await nativeSockets();

describe.runIf(native !== undefined)('native sockets', () => {
  it('hear one interface only', async () => {
    const socket = await openUdp({
      address: '255.255.255.255',
      port: 0,
      interface: 'lo',
      onlyInterface: true,
      onMessage: () => undefined,
    });
    open.push(socket);
    expect(socket.isOfInterface).toBe(true);
  });

  it('give the system error by its code', () => {
    expect(() => native?.open({ address: '192.0.2.200', port: 0, shared: false })).toThrow('EADDRNOTAVAIL');
    expect(() => native?.open({ address: '127.0.0.1', port: 0, shared: false, device: 'no-such-link' })).toThrow(
      'ENODEV',
    );
  });
});

async function listen(): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(socket);
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return socket;
}
