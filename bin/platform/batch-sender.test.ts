import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../core/ports.ts';
import { BatchSender } from './batch-sender.ts';
import type { NativeBatches } from './native-sockets.ts';

const relay: Endpoint = { address: '10.99.0.2', port: 67 };
const other: Endpoint = { address: '10.99.0.3', port: 67 };
const everybody: Endpoint = { address: '255.255.255.255', port: 68 };
const datagram = (number: number, length = 300) => new Uint8Array(length).fill(number);

describe('BatchSender', () => {
  it('lets eight of one length for one relay leave as one message that is cut where each ends', () => {
    const { add, sender, messages } = given();
    for (let number = 0; number < 8; number += 1) add(datagram(number), relay);
    sender.flush();
    expect(messages).toEqual([{ to: '10.99.0.2:67', cutAt: 300, numbers: [0, 1, 2, 3, 4, 5, 6, 7], calls: 1 }]);
  });

  it('keeps the order around them, and sends fewer, others and broadcasts one by one', () => {
    const { add, sender, messages } = given();
    add(datagram(0, 400), relay);
    for (let number = 1; number <= 9; number += 1) add(datagram(number), relay);
    for (let number = 10; number <= 16; number += 1) add(datagram(number), other);
    for (let number = 17; number <= 26; number += 1) add(datagram(number), everybody);
    sender.flush();
    expect(messages.map(({ numbers }) => numbers)).toEqual([
      [0],
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      ...Array.from({ length: 17 }, (_, index) => [10 + index]),
    ]);
    expect(messages.filter(({ cutAt }) => cutAt !== undefined)).toHaveLength(1);
    expect(messages.at(-1)?.calls).toBe(3);
  });

  it('sends one by one from then on where the system does not cut', () => {
    const { add, sender, messages } = given({ cuts: false });
    for (const round of [0, 10]) {
      for (let number = round; number < round + 8; number += 1) add(datagram(number), relay);
      sender.flush();
    }
    expect(messages.map(({ numbers, cutAt }) => [...numbers, cutAt])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17].map((number) => [number, undefined]),
    );
    expect(messages.at(-1)?.calls).toBe(3);
  });

  it('hands over to the ordinary way what the system did not take', () => {
    const { add, sender, messages, singles } = given({ takes: 2 });
    for (let number = 0; number < 5; number += 1) add(datagram(number), relay);
    sender.flush();
    expect(messages.map(({ numbers }) => numbers)).toEqual([[0], [1]]);
    expect(singles).toEqual(['2 to 10.99.0.2:67', '3 to 10.99.0.2:67', '4 to 10.99.0.2:67']);
  });
});

interface Message {
  readonly to: string;
  readonly cutAt: number | undefined;
  /** The first byte of each datagram in it. */
  readonly numbers: readonly number[];
  /** Calls so far. */
  readonly calls: number;
}

/** The system, as recvmmsg(2), cmsg(3) and udp(7) describe what it reads. Addresses are a number of a buffer and a place in it. */
function given({ cuts = true, takes = 32 } = {}) {
  const buffers: Buffer[] = [];
  const messages: Message[] = [];
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
      for (let index = 0; index < count; index += 1) {
        const header = all.subarray(index * 64);
        const isJoined = header.readUInt32LE(40) > 0;
        if ((isJoined && !cuts) || index === takes) return index === 0 ? -1 : index;
        const name = at(header.readBigUInt64LE(0), header.readUInt32LE(8));
        const vectors = at(header.readBigUInt64LE(16), header.readUInt32LE(24) * 16);
        const control = at(header.readBigUInt64LE(32), header.readUInt32LE(40));
        if (isJoined)
          expect([control.readBigUInt64LE(0), control.readInt32LE(8), control.readInt32LE(12)]).toEqual([18n, 17, 103]);
        const numbers = Array.from({ length: vectors.length / 16 }, (_, part) => {
          const bytes = at(vectors.readBigUInt64LE(part * 16), Number(vectors.readBigUInt64LE(part * 16 + 8)));
          expect(new Set(bytes).size).toBe(1);
          return bytes[0] ?? -1;
        });
        messages.push({
          to: `${[...name.subarray(4, 8)].join('.')}:${name.readUInt16BE(2)}`,
          cutAt: isJoined ? control.readUInt16LE(16) : undefined,
          numbers,
          calls,
        });
      }
      return count;
    },
  };
  const sender = new BatchSender(native, 3, (bytes, to) =>
    singles.push(`${bytes[0] ?? -1} to ${to.address}:${to.port}`),
  );
  const add = (bytes: Uint8Array, to: Endpoint) => expect(sender.add(bytes, to)).toBe(true);
  return { add, sender, messages, singles };
}
