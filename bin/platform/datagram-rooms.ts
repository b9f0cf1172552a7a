import type { NativeBatches } from './native-sockets.ts';

/** Datagrams that one call takes or gives. */
export const mostDatagrams = 32;
/** What is longer leaves, or arrives, by another way: a DHCP message is no longer than an Ethernet frame. */
export const roomBytes = 2048;

const addressBytes = 16;
const vectorBytes = 16;
const AF_INET = 2;
/** struct mmsghdr of 64-bit Linux: a msghdr of 56 bytes, then the length of the message, then padding. */
const headerBytes = 64;
const lengthAt = 56;

/** Rooms for datagrams, and the headers that tell the system where they are (recvmmsg(2)). */
export class DatagramRooms {
  readonly headers = Buffer.alloc(mostDatagrams * headerBytes);
  readonly #data = Buffer.alloc(mostDatagrams * roomBytes);
  readonly #addresses = Buffer.alloc(mostDatagrams * addressBytes);
  readonly #vectors = Buffer.alloc(mostDatagrams * vectorBytes);

  constructor(native: NativeBatches) {
    const [data, addresses, vectors] = [this.#data, this.#addresses, this.#vectors].map((one) => native.addressOf(one));
    for (let index = 0; index < mostDatagrams; index += 1) {
      const at = BigInt(index);
      this.#vectors.writeBigUInt64LE((data ?? 0n) + at * BigInt(roomBytes), index * vectorBytes);
      this.#vectors.writeUInt32LE(roomBytes, index * vectorBytes + 8);
      const header = index * headerBytes;
      this.headers.writeBigUInt64LE((addresses ?? 0n) + at * BigInt(addressBytes), header);
      this.headers.writeUInt32LE(addressBytes, header + 8);
      this.headers.writeBigUInt64LE((vectors ?? 0n) + at * BigInt(vectorBytes), header + 16);
      this.headers.writeUInt32LE(1, header + 24);
    }
  }

  /** The bytes of a room, which change when the next datagram comes. */
  bytesOf(index: number, length: number): Uint8Array {
    return this.#data.subarray(index * roomBytes, index * roomBytes + length);
  }

  /** How long the datagram is that the system put into the room of a message. */
  receivedBytes(index: number): number {
    return this.headers.readUInt32LE(index * headerBytes + lengthAt);
  }

  /** How long the datagram is that `put` put there. */
  putBytes(index: number): number {
    return this.#vectors.readUInt32LE(index * vectorBytes + 8);
  }

  addressOf(index: number): number {
    return this.#addresses.readUInt32BE(index * addressBytes + 4);
  }

  portOf(index: number): number {
    return this.#addresses.readUInt16BE(index * addressBytes + 2);
  }

  put(index: number, bytes: Uint8Array, address: number, port: number): void {
    this.#data.set(bytes, index * roomBytes);
    this.#vectors.writeUInt32LE(bytes.length, index * vectorBytes + 8);
    this.#addresses.writeUInt16LE(AF_INET, index * addressBytes);
    this.#addresses.writeUInt16BE(port, index * addressBytes + 2);
    this.#addresses.writeUInt32BE(address, index * addressBytes + 4);
  }
}
