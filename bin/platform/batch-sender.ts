import { parseIpv4 } from '../../core/ipv4.ts';
import type { Endpoint } from '../../core/ports.ts';
import { DatagramRooms, mostDatagrams, roomBytes } from './datagram-rooms.ts';
import type { NativeBatches } from './native-sockets.ts';

/** Holds datagrams back until the end of the turn, and lets them leave with one call. */
export class BatchSender {
  readonly #native: NativeBatches;
  readonly #descriptor: number;
  readonly #rooms: DatagramRooms;
  readonly #sendSingly: (bytes: Uint8Array, to: Endpoint) => void;
  readonly #waiting: Endpoint[] = [];

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
    if (waiting.length === 0) return;
    const sent = this.#native.sendMany(this.#descriptor, this.#rooms.headers, waiting.length);
    for (let index = Math.max(0, sent); index < waiting.length; index += 1) {
      const to = waiting[index];
      const bytes = Buffer.from(this.#rooms.bytesOf(index, this.#rooms.putBytes(index)));
      if (to !== undefined) this.#sendSingly(bytes, to);
    }
  }
}
