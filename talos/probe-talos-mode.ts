import { connect } from 'node:tls';
import type { TalosMode } from '../core/machine.ts';
import { type Millis, seconds } from '../core/millis.ts';
import { anybody } from './anybody.ts';
import { hostAndPort, portOf, type TalosTarget } from './open-channel.ts';
import { talosCancelled, talosUnreachable } from './talos-faults.ts';

/** OpenSSL's name for the alert of RFC 8446 6.2 by which a server says that it will not go on without a certificate. */
const certificateRequired = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';

/**
 * Which mode a machine's Talos API is in, told by TLS alone: in maintenance mode it serves anybody, once configured it
 * breaks off with everybody who shows no client certificate. That comes after the client's side of the handshake is
 * complete, so the first byte of HTTP/2 is waited for: the server speaks first (RFC 9113 3.4). Nothing is sent, because
 * a server that closes with bytes unread resets the connection, and the alert may be lost. Fault `talos/unreachable`.
 */
export function probeTalosMode(
  target: Pick<TalosTarget, 'address' | 'port'>,
  options: { signal?: AbortSignal; deadline?: Millis } = {},
): Promise<TalosMode> {
  const { signal, deadline = seconds(10) } = options;
  const about = { at: hostAndPort(target), call: 'a TLS handshake' };
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.address,
      port: portOf(target),
      rejectUnauthorized: false,
      secureContext: anybody('TLSv1.3'),
      ALPNProtocols: ['h2'],
    });
    const late = AbortSignal.timeout(deadline);
    const either = signal === undefined ? late : AbortSignal.any([signal, late]);
    const settle = (settled: () => void) => {
      either.removeEventListener('abort', onAbort);
      socket.destroy();
      settled();
    };
    const fail = (reason: string) => settle(() => reject(talosUnreachable({ ...about, reason })));
    const onAbort = () =>
      signal?.aborted
        ? settle(() => reject(talosCancelled({ ...about, reason: 'cancelled' })))
        : fail('no answer in time');
    either.addEventListener('abort', onAbort, { once: true });

    socket.once('data', () => settle(() => resolve('maintenance')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === certificateRequired) settle(() => resolve('configured'));
      else fail(error.message);
    });
    socket.once('close', () => fail('the connection was closed'));
    if (either.aborted) onAbort();
  });
}
