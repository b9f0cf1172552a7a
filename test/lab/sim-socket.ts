import { createSocket } from 'node:dgram';
import type { Endpoint } from '../../core/ports.ts';

export interface SimSocket {
  readonly port: number;
  send(bytes: Uint8Array, to: Endpoint): void;
  /** What was sent before has left when this resolves; what is sent after goes nowhere. */
  close(): Promise<void>;
}

/** A UDP socket on a loopback address. A closed port on the other side is silence, as it is on a wire. */
export async function openUdpSocket(
  at: Endpoint,
  onMessage: (bytes: Uint8Array, from: Endpoint) => void,
): Promise<SimSocket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(at.port, at.address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', () => undefined);
  socket.on('message', (bytes, from) => onMessage(bytes, { address: from.address, port: from.port }));

  let onTheWay = 0;
  let isClosing = false;
  const closed = Promise.withResolvers<undefined>();
  const finish = () => {
    if (isClosing && onTheWay === 0) socket.close(() => closed.resolve(undefined));
  };
  return {
    port: socket.address().port,
    send(bytes, to) {
      if (isClosing) return;
      onTheWay += 1;
      socket.send(bytes, to.port, to.address, () => {
        onTheWay -= 1;
        finish();
      });
    },
    async close() {
      if (!isClosing) {
        isClosing = true;
        finish();
      }
      await closed.promise;
    },
  };
}
