import { createSocket } from 'node:dgram';
import { millis } from '../../core/millis.ts';
import type { KnockUdp } from '../../core/ports.ts';

/** The system of the other end says that nobody listens (ICMP port unreachable) at most about once a second. */
const between = millis(1200);
const attempts = 3;

/** By a connected socket, the only kind that hears of that. Datagrams that fit the interface leave in one piece (DF). */
export const knockUdp: KnockUdp = ({ address, port }, sizeBytes, signal) =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    let sent = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (answer: 'refused' | 'silent') => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error').on('error', () => undefined);
      socket.close();
      resolve(answer);
    };
    const onAbort = () => end('silent');
    const knock = () => {
      if (sent === attempts) {
        end('silent');
        return;
      }
      sent += 1;
      socket.send(new Uint8Array(sizeBytes), () => undefined);
      timer = setTimeout(knock, between);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    // Where there is no way to the address, the callback is told so and no event comes.
    else socket.connect(port, address, (error?: Error) => (error === undefined ? knock() : end('silent')));
  });
