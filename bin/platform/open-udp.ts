import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint, UdpOptions, UdpSocket } from '../../core/ports.ts';
import { BatchReceiver } from './batch-receiver.ts';
import { BatchSender } from './batch-sender.ts';
import { takeInherited } from './inherited-sockets.ts';
import { type NativeSockets, nativeSockets, socketAddress } from './native-sockets.ts';
import { openPortFault } from './open-port-fault.ts';

/** Room for a rack that powers on at once; the system may give less. */
const receiveBufferBytes = 4 * 1024 * 1024;

/** Taken at once, times 32; then others have their turn. */
const mostBatches = 8;

/** The addresses that we send to are numbers, so nothing is looked up. */
const lookup = (
  name: string,
  _options: object,
  found: (error: Error | null, address: string, family: number) => void,
): void => found(null, name, 4);

/** A UDP socket of the system. A datagram that cannot leave is lost, as any datagram may be. */
export async function openUdp(options: UdpOptions): Promise<UdpSocket> {
  const { address, port, shared = false } = options;
  const socket = createSocket({ type: 'udp4', reuseAddr: shared, lookup });
  const native = await nativeSockets();
  const inherited = await takeInherited('UDP', options.interface, port);
  const device = options.onlyInterface === true ? options.interface : undefined;
  let descriptor: number | undefined;
  try {
    descriptor = inherited ?? native?.open({ address, port, shared, device });
    const listening = once(socket, 'listening');
    if (descriptor === undefined) socket.bind({ address, port, exclusive: true });
    else socket.bind({ fd: descriptor, exclusive: true });
    await listening;
  } catch (cause) {
    socket.close();
    throw await openPortFault(cause, { protocol: 'UDP', address, port });
  }
  socket.on('error', () => undefined);
  socket.setRecvBufferSize(receiveBufferBytes);
  if (options.broadcast) socket.setBroadcast(true);
  const batches = options.inBursts === true && descriptor !== undefined ? native?.batches : undefined;
  const receiver = batches && descriptor !== undefined ? new BatchReceiver(batches, descriptor) : undefined;
  socket.on('message', (bytes, from) => {
    options.onMessage(bytes, { address: from.address, port: from.port });
    // Where one datagram is, more may be: Node would take them one by one.
    for (let batch = 0; batch < mostBatches && closing === undefined; batch += 1) {
      if (
        receiver?.receive(
          (more, sender) => options.onMessage(more, sender),
          () => closing !== undefined,
        ) !== true
      )
        return;
    }
  });
  let closing: Promise<void> | undefined;
  /** Handed to Node and not yet away. */
  let queued = 0;
  const cutter = native === undefined || descriptor === undefined ? undefined : new Cutter(native, descriptor);
  // A datagram may claim to come from port 0, to which none can be sent.
  const sendSingly = (bytes: Uint8Array, to: Endpoint) => {
    if (closing !== undefined || to.port === 0) return;
    queued += 1;
    socket.send(bytes, to.port, to.address, () => {
      queued -= 1;
    });
  };
  const sender = batches && descriptor !== undefined ? new BatchSender(batches, descriptor, sendSingly) : undefined;
  const send = (bytes: Uint8Array, to: Endpoint) => {
    if (closing !== undefined || to.port === 0) return;
    cutter?.leaveWhole(bytes.length);
    if (sender?.add(bytes, to) !== true) sendSingly(bytes, to);
  };
  return {
    local: { address, port: socket.address().port },
    isOfInterface: inherited !== undefined || (device !== undefined && descriptor !== undefined),
    send,
    sendSegments: (bytes, segmentBytes, to) => {
      if (closing !== undefined || to.port === 0) return;
      // What waits keeps its turn, and the size that it is cut to.
      if (queued === 0 && cutter?.send(bytes, segmentBytes, to) === true) return;
      for (let at = 0; at < bytes.length; at += segmentBytes) {
        send(Buffer.from(bytes.subarray(at, at + segmentBytes)), to);
      }
    },
    close: () => {
      if (closing === undefined) sender?.flush();
      closing ??= closed(socket);
      return closing;
    },
  };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}

/** Has the system cut one buffer into datagrams. The size to cut to stays with the socket, for whatever is sent on it. */
class Cutter {
  readonly #native: NativeSockets;
  readonly #descriptor: number;
  #known: { readonly to: Endpoint; readonly address: Uint8Array } | undefined;
  #segmentBytes = 0;
  #isAble = true;

  constructor(native: NativeSockets, descriptor: number) {
    this.#native = native;
    this.#descriptor = descriptor;
  }

  /** False when it was not possible; then nothing has left. */
  send(bytes: Uint8Array, segmentBytes: number, to: Endpoint): boolean {
    if (bytes.length > segmentBytes) this.#cutTo(segmentBytes);
    else this.leaveWhole(bytes.length);
    if (!this.#isAble) return false;
    if (this.#known?.to !== to) this.#known = { to, address: socketAddress(to) };
    return this.#native.send(this.#descriptor, bytes, this.#known.address);
  }

  /** Whatever is sent next leaves as one datagram of this size. */
  leaveWhole(sizeBytes: number): void {
    if (this.#segmentBytes > 0 && sizeBytes > this.#segmentBytes) this.#cutTo(0);
  }

  #cutTo(segmentBytes: number): void {
    if (!this.#isAble || this.#segmentBytes === segmentBytes) return;
    this.#isAble = this.#native.segment(this.#descriptor, segmentBytes);
    this.#segmentBytes = segmentBytes;
  }
}
