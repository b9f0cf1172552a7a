import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../core/ports.ts';
import { BatchSender } from './batch-sender.ts';
import type { NativeBatches } from './native-sockets.ts';

const relay: Endpoint = { address: '10.99.0.2', port: 67 };
const everybody: Endpoint = { address: '255.255.255.255', port: 68 };
const datagram = (number: number, length = 300) => new Uint8Array(length).fill(number);

describe('BatchSender', () => {
  it('lets datagrams leave with one call, in their order, each with its own length and receiver', () => {
    const { add, sender, left, calls } = given();
    add(datagram(0, 400), relay);
    add(datagram(1), everybody);
    add(datagram(2), relay);
    sender.flush();
    expect(left).toEqual(['400 x 0 to 10.99.0.2:67', '300 x 1 to 255.255.255.255:68', '300 x 2 to 10.99.0.2:67']);
    expect(calls()).toBe(1);
  });

  it('begins another call when all rooms are taken', () => {
    const { add, sender, left, calls } = given();
    for (let number = 0; number < 40; number += 1) add(datagram(number), relay);
    sender.flush();
    expect(left).toHaveLength(40);
    expect(calls()).toBe(2);
  });

  it('hands over to the ordinary way what the system did not take', () => {
    const { add, sender, left, singles } = given({ takes: 2 });
    for (let number = 0; number < 5; number += 1) add(datagram(number), relay);
    sender.flush();
    expect(left).toHaveLength(2);
    expect(singles).toEqual(['2 to 10.99.0.2:67', '3 to 10.99.0.2:67', '4 to 10.99.0.2:67']);
  });
});

/** The system, as recvmmsg(2) describes what it reads. Addresses are a number of a buffer and a place in it. */
function given({ takes = 32 } = {}) {
  const buffers: Buffer[] = [];
  const left: string[] = [];
  const singles: string[] = [];
  let calls = 0;
  const at = (pointer: bigint, length: number) => {
    const from = Number(pointer & 0xffff_ffffn);
    return (buffers[Number(pointer >> 32n) - 1] ?? Buffer.alloc(0)).subarray(from, from + length);
  };
  const native: NativeBatches = {
    addressOf: (bytes) => BigInt(buffers.push(bytes as Buffer)) << 32n,
    receiveMany: () => 0,
    sendMany: (_, headers, count) => {
      calls += 1;
      const all = Buffer.from(headers.buffer, headers.byteOffset, headers.byteLength);
      for (let index = 0; index < Math.min(count, takes); index += 1) {
        const header = all.subarray(index * 64);
        expect([header.readBigUInt64LE(24), header.readBigUInt64LE(40)]).toEqual([1n, 0n]);
        const name = at(header.readBigUInt64LE(0), header.readUInt32LE(8));
        const vector = at(header.readBigUInt64LE(16), 16);
        const bytes = at(vector.readBigUInt64LE(0), Number(vector.readBigUInt64LE(8)));
        expect(new Set(bytes).size).toBe(1);
        left.push(
          `${bytes.length} x ${bytes[0] ?? -1} to ${[...name.subarray(4, 8)].join('.')}:${name.readUInt16BE(2)}`,
        );
      }
      return Math.min(count, takes);
    },
  };
  const sender = new BatchSender(native, 3, (bytes, to) =>
    singles.push(`${bytes[0] ?? -1} to ${to.address}:${to.port}`),
  );
  const add = (bytes: Uint8Array, to: Endpoint) => expect(sender.add(bytes, to)).toBe(true);
  return { add, sender, left, singles, calls: () => calls };
}
