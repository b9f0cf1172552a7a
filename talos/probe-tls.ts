import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { type Millis, seconds } from '../core/millis.ts';
import { anybody } from './anybody.ts';
import { hostAndPort, portOf, type TalosTarget } from './open-channel.ts';
import { talosCancelled, talosUnreachable } from './talos-faults.ts';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** 10 s when left out. */
  readonly deadline?: Millis;
}

/** What is to be learned of a handshake; `watch` listens to the socket, and the first of its two calls counts. */
export interface Probe<Learned> {
  readonly minVersion: SecureVersion;
  readonly watch: (socket: TLSSocket, learn: (what: Learned) => void, fail: (reason: string) => void) => void;
}

/**
 * One TLS handshake with whoever answers at the address, in which nobody is believed and nothing is shown or sent. Faults
 * `talos/unreachable`, also for what the probe does not want to learn of, and `talos/cancelled`.
 */
export function probeTls<Learned>(
  target: Pick<TalosTarget, 'address' | 'port'>,
  { signal, deadline = seconds(10) }: ProbeOptions,
  { minVersion, watch }: Probe<Learned>,
): Promise<Learned> {
  const about = { at: hostAndPort(target), call: 'a TLS handshake' };
  const learned = Promise.withResolvers<Learned>();
  const fail = (reason: string) => learned.reject(talosUnreachable({ ...about, reason }));
  const late = AbortSignal.timeout(deadline);
  const either = signal === undefined ? late : AbortSignal.any([signal, late]);
  const onAbort = () =>
    signal?.aborted ? learned.reject(talosCancelled({ ...about, reason: 'cancelled' })) : fail('no answer in time');
  const socket = connect({
    host: target.address,
    port: portOf(target),
    rejectUnauthorized: false,
    secureContext: anybody(minVersion),
    ALPNProtocols: ['h2'],
  });
  watch(socket, learned.resolve, fail);
  socket.on('error', (error: Error) => fail(error.message));
  socket.once('close', () => fail('the connection was closed'));
  either.addEventListener('abort', onAbort, { once: true });
  if (either.aborted) onAbort();
  return learned.promise.finally(() => {
    either.removeEventListener('abort', onAbort);
    socket.destroy();
  });
}
