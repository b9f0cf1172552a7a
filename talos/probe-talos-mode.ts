import type { TalosMode } from '../core/machine.ts';
import type { TalosTarget } from './open-channel.ts';
import { type ProbeOptions, probeTls } from './probe-tls.ts';

/** OpenSSL's name for the alert of RFC 8446 6.2 by which a server says that it will not go on without a certificate. */
const certificateRequired = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';

/**
 * Which mode a machine's Talos API is in, told by TLS alone: in maintenance mode it serves anybody, once configured it
 * breaks off with everybody who shows no client certificate. That comes after the client's side of the handshake is
 * complete, so the first byte of HTTP/2 is waited for: the server speaks first (RFC 9113 3.4). Nothing is sent, because
 * a server that closes with bytes unread resets the connection, and the alert may be lost. Fault `talos/unreachable`.
 */
export const probeTalosMode = (
  target: Pick<TalosTarget, 'address' | 'port'>,
  options: ProbeOptions = {},
): Promise<TalosMode> =>
  probeTls(target, options, {
    minVersion: 'TLSv1.3',
    watch: (socket, learn) => {
      socket.once('data', () => learn('maintenance'));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === certificateRequired) learn('configured');
      });
    },
  });
