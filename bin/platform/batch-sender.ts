import { parseIpv4 } from '../../core/ipv4.ts';
import type { Endpoint } from '../../core/ports.ts';
import { DatagramRooms, mostDatagrams, roomBytes } from './datagram-rooms.ts';
import type { NativeBatches } from './native-sockets.ts';

/** So many of one length for one receiver leave as one message, which the network card, or the system, cuts again. */
const fewestJoined = 8;
/** Clients of broadcasts read whole frames, before the system has cut what comes from this very host. */
const everybody = 0xffff_ffff;

/** Holds datagrams back until the end of the turn, and lets them leave with as few calls as possible. */
export class BatchSender {
  readonly #native: NativeBatches;
  readonly #descriptor: number;
  readonly #rooms: DatagramRooms;
  readonly #sendSingly: (bytes: Uint8Array, to: Endpoint) => void;
  readonly #waiting: Endpoint[] = [];
  #canJoin = true;

  /** `sendSingly` takes what the system did not. */
  constructor(native: NativeBatches, descriptor: number, sendSingly: (bytes: Uint8Array, to: Endpoint) => void) {
    this.#native = native;
    this.#descriptor = descriptor;
    this.#rooms = new DatagramRooms(native);
    this.#sendSingly = sendSingly;
  }

  /** False for what has no room here. */
  add(bytes: Uint8Array, to: Endpoint): boolean {
    const address = parseIpv4(to.address);
    if (bytes.length > roomBytes || address === undefined) return false;
    if (this.#waiting.length === mostDatagrams) this.flush();
    const index = this.#waiting.length;
    this.#rooms.put(index, bytes, address, to.port);
    this.#waiting.push(to);
    if (index === 0) process.nextTick(() => this.flush());
    return true;
  }

  flush(): void {
    const waiting = this.#waiting.splice(0);
    let from = 0;
    for (let at = 0; at < waiting.length; ) {
      const alike = this.#alikeFrom(at, waiting.length);
      if (alike >= fewestJoined && this.#canJoin) {
        this.#send(waiting, from, at);
        this.#sendJoined(waiting, at, at + alike);
        from = at + alike;
      }
      at += alike;
    }
    this.#send(waiting, from, waiting.length);
  }

  /** How many from this one on have its length and its receiver. */
  #alikeFrom(index: number, end: number): number {
    const rooms = this.#rooms;
    const [address, port, bytes] = [rooms.addressOf(index), rooms.portOf(index), rooms.putBytes(index)];
    let at = index + 1;
    if (address === everybody) return 1;
    while (at < end && rooms.putBytes(at) === bytes && rooms.addressOf(at) === address && rooms.portOf(at) === port) {
      at += 1;
    }
    return at - index;
  }

  #send(waiting: readonly Endpoint[], from: number, end: number): void {
    if (from === end) return;
    const sent = this.#native.sendMany(this.#descriptor, this.#rooms.headersFrom(from), end - from);
    for (let index = from + Math.max(0, sent); index < end; index += 1) {
      const to = waiting[index];
      const bytes = Buffer.from(this.#rooms.bytesOf(index, this.#rooms.putBytes(index)));
      if (to !== undefined) this.#sendSingly(bytes, to);
    }
  }

  #sendJoined(waiting: readonly Endpoint[], from: number, end: number): void {
    this.#rooms.join(from, end - from);
    const sent = this.#native.sendMany(this.#descriptor, this.#rooms.headersFrom(from), 1);
    this.#rooms.part(from);
    if (sent === 1) return;
    // A card that sums no checksums, or a path with a smaller MTU: it would fail each time.
    this.#canJoin = false;
    this.#send(waiting, from, end);
  }
}
