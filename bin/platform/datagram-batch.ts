import { parseIpv4, renderIpv4 } from '../../core/ipv4.ts';
import type { Endpoint } from '../../core/ports.ts';
import type { NativeBatches } from './native-sockets.ts';

/** Datagrams that one call takes or gives. */
const most = 32;
/** What is longer leaves, or arrives, by another way: a DHCP message is no longer than an Ethernet frame. */
const roomBytes = 2048;
const addressBytes = 16;
const vectorBytes = 16;
const AF_INET = 2;
/** struct mmsghdr of 64-bit Linux: a msghdr of 56 bytes, then the length of the message, then padding. */
const headerBytes = 64;
const lengthAt = 56;

/** Rooms for datagrams, and the headers that tell the system where they are (recvmmsg(2)). */
class Rooms {
  readonly data = Buffer.alloc(most * roomBytes);
  readonly addresses = Buffer.alloc(most * addressBytes);
  readonly headers = Buffer.alloc(most * headerBytes);
  readonly vectors = Buffer.alloc(most * vectorBytes);

  constructor(native: NativeBatches) {
    const [data, addresses, vectors] = [this.data, this.addresses, this.vectors].map((one) => native.addressOf(one));
    for (let index = 0; index < most; index += 1) {
      const at = BigInt(index);
      this.vectors.writeBigUInt64LE((data ?? 0n) + at * BigInt(roomBytes), index * vectorBytes);
      this.vectors.writeUInt32LE(roomBytes, index * vectorBytes + 8);
      this.headers.writeBigUInt64LE((addresses ?? 0n) + at * BigInt(addressBytes), index * headerBytes);
      this.headers.writeUInt32LE(addressBytes, index * headerBytes + 8);
      this.headers.writeBigUInt64LE((vectors ?? 0n) + at * BigInt(vectorBytes), index * headerBytes + 16);
      this.headers.writeUInt32LE(1, index * headerBytes + 24);
    }
  }
}

/** Takes what waits at a socket, many datagrams with one call. One for all sockets. */
export class BatchReceiver {
  readonly #native: NativeBatches;
  readonly #rooms: Rooms;
  #lastAddress = 0;
  #last: Endpoint = { address: '0.0.0.0', port: 0 };

  constructor(native: NativeBatches) {
    this.#native = native;
    this.#rooms = new Rooms(native);
  }

  /** Gives each datagram, with bytes of its own, until `isOver`; whether more may wait. */
  receive(descriptor: number, onMessage: (bytes: Uint8Array, from: Endpoint) => void, isOver: () => boolean): boolean {
    const { headers, data } = this.#rooms;
    const count = this.#native.receiveMany(descriptor, headers, most);
    for (let index = 0; index < count && !isOver(); index += 1) {
      const length = headers.readUInt32LE(index * headerBytes + lengthAt);
      const bytes = Buffer.from(data.subarray(index * roomBytes, index * roomBytes + length));
      onMessage(bytes, this.#senderAt(index * addressBytes));
    }
    return count === most;
  }

  /** Mostly the one who sent before. */
  #senderAt(at: number): Endpoint {
    const { addresses } = this.#rooms;
    const address = addresses.readUInt32BE(at + 4);
    const port = addresses.readUInt16BE(at + 2);
    if (address !== this.#lastAddress || port !== this.#last.port) {
      this.#lastAddress = address;
      this.#last = { address: renderIpv4(address), port };
    }
    return this.#last;
  }
}

/** Holds datagrams back until the end of the turn, and lets them leave with one call. */
export class BatchSender {
  readonly #native: NativeBatches;
  readonly #descriptor: number;
  readonly #rooms: Rooms;
  readonly #sendSingly: (bytes: Uint8Array, to: Endpoint) => void;
  readonly #waiting: Endpoint[] = [];

  /** `sendSingly` takes what the system did not. */
  constructor(native: NativeBatches, descriptor: number, sendSingly: (bytes: Uint8Array, to: Endpoint) => void) {
    this.#native = native;
    this.#descriptor = descriptor;
    this.#rooms = new Rooms(native);
    this.#sendSingly = sendSingly;
  }

  /** False for what has no room here. */
  add(bytes: Uint8Array, to: Endpoint): boolean {
    const address = parseIpv4(to.address);
    if (bytes.length > roomBytes || address === undefined) return false;
    if (this.#waiting.length === most) this.flush();
    const index = this.#waiting.length;
    const { data, addresses, vectors } = this.#rooms;
    data.set(bytes, index * roomBytes);
    vectors.writeUInt32LE(bytes.length, index * vectorBytes + 8);
    addresses.writeUInt16LE(AF_INET, index * addressBytes);
    addresses.writeUInt16BE(to.port, index * addressBytes + 2);
    addresses.writeUInt32BE(address, index * addressBytes + 4);
    this.#waiting.push(to);
    if (index === 0) process.nextTick(() => this.flush());
    return true;
  }

  flush(): void {
    const waiting = this.#waiting.splice(0);
    if (waiting.length === 0) return;
    const sent = Math.max(0, this.#native.sendMany(this.#descriptor, this.#rooms.headers, waiting.length));
    for (let index = sent; index < waiting.length; index += 1) {
      const to = waiting[index];
      const from = index * roomBytes;
      const length = this.#rooms.vectors.readUInt32LE(index * vectorBytes + 8);
      if (to !== undefined) this.#sendSingly(Buffer.from(this.#rooms.data.subarray(from, from + length)), to);
    }
  }
}
