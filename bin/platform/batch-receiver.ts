import { renderIpv4 } from '../../core/ipv4.ts';
import type { Endpoint } from '../../core/ports.ts';
import { DatagramRooms, mostDatagrams } from './datagram-rooms.ts';
import type { NativeBatches } from './native-sockets.ts';

/** Takes what waits at a socket, many datagrams with one call. */
export class BatchReceiver {
  readonly #native: NativeBatches;
  readonly #descriptor: number;
  readonly #rooms: DatagramRooms;
  /** Mostly the one who sent before: a relay, and 0.0.0.0 of all who have no address yet. */
  #last = { number: 0, endpoint: { address: '0.0.0.0', port: 0 } };

  constructor(native: NativeBatches, descriptor: number) {
    this.#native = native;
    this.#descriptor = descriptor;
    this.#rooms = new DatagramRooms(native);
  }

  /** Gives each datagram, with bytes of its own, until `isOver`; whether more may wait. */
  receive(onMessage: (bytes: Uint8Array, from: Endpoint) => void, isOver: () => boolean): boolean {
    const rooms = this.#rooms;
    const count = this.#native.receiveMany(this.#descriptor, rooms.headers, mostDatagrams);
    for (let index = 0; index < count && !isOver(); index += 1) {
      const bytes = Buffer.from(rooms.bytesOf(index, rooms.receivedBytes(index)));
      onMessage(bytes, this.#endpointOf(rooms.addressOf(index), rooms.portOf(index)));
    }
    return count === mostDatagrams;
  }

  #endpointOf(number: number, port: number): Endpoint {
    if (this.#last.number !== number || this.#last.endpoint.port !== port) {
      this.#last = { number, endpoint: { address: renderIpv4(number), port } };
    }
    return this.#last.endpoint;
  }
}
