import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { UdpOptions, UdpSocket } from '../../core/ports.ts';
import { openPortFault } from './open-port-fault.ts';

/** Room for a rack that powers on at once; the system may give less. */
const receiveBufferBytes = 4 * 1024 * 1024;

/** A UDP socket of the system. A datagram that cannot leave is lost, as any datagram may be. */
export async function openUdp(options: UdpOptions): Promise<UdpSocket> {
  const { address, port } = options;
  const socket = createSocket({ type: 'udp4', reuseAddr: options.shared ?? false });
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, 'listening');
  } catch (cause) {
    socket.close();
    throw await openPortFault(cause, { protocol: 'UDP', address, port });
  }
  socket.on('error', () => undefined);
  socket.setRecvBufferSize(receiveBufferBytes);
  if (options.broadcast) socket.setBroadcast(true);
  socket.on('message', (bytes, from) => {
    options.onMessage(bytes, { address: from.address, port: from.port });
  });
  let closing: Promise<void> | undefined;
  return {
    local: { address, port: socket.address().port },
    send: (bytes, to) => {
      // A datagram may claim to come from port 0, to which none can be sent.
      if (closing === undefined && to.port > 0) socket.send(bytes, to.port, to.address, () => undefined);
    },
    close: () => {
      closing ??= new Promise((resolve) => {
        socket.close(() => resolve());
      });
      return closing;
    },
  };
}
