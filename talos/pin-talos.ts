import { createHash, type X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { type Millis, seconds } from '../core/millis.ts';
import { anybody } from './anybody.ts';
import { hostAndPort, portOf, type TalosTarget } from './open-channel.ts';
import { talosCancelled, talosFingerprintMismatch, talosUnreachable } from './talos-faults.ts';

type Place = Pick<TalosTarget, 'address' | 'port'>;

interface ProbeOptions {
  readonly signal?: AbortSignal;
  readonly deadline?: Millis;
}

/** The certificate that a machine shows, whoever signed it. */
export interface ShownCertificate {
  /** As on the machine's console: SHA-256 of the public key (SubjectPublicKeyInfo, RFC 5280 4.1) in base64. */
  readonly fingerprint: string;
  readonly pem: string;
}

/** What a machine says who it is. Fault `talos/unreachable`. */
export function probeCertificate(target: Place, options: ProbeOptions = {}): Promise<ShownCertificate> {
  const { signal, deadline = seconds(10) } = options;
  const about = { at: hostAndPort(target), call: 'a TLS handshake' };
  const late = AbortSignal.timeout(deadline);
  const either = signal === undefined ? late : AbortSignal.any([signal, late]);
  const shown = Promise.withResolvers<ShownCertificate>();
  const fail = (reason: string) => shown.reject(talosUnreachable({ ...about, reason }));
  const onAbort = () =>
    signal?.aborted ? shown.reject(talosCancelled({ ...about, reason: 'cancelled' })) : fail('no answer in time');
  const socket = connect(
    {
      host: target.address,
      port: portOf(target),
      rejectUnauthorized: false,
      secureContext: anybody('TLSv1.2'),
      ALPNProtocols: ['h2'],
    },
    () => {
      const leaf = socket.getPeerX509Certificate();
      if (leaf === undefined) fail('it shows no certificate');
      else shown.resolve({ fingerprint: fingerprintOf(leaf), pem: leaf.toString() });
    },
  );
  socket.on('error', (error: Error) => fail(error.message));
  socket.once('close', () => fail('the connection was closed'));
  either.addEventListener('abort', onAbort, { once: true });
  if (either.aborted) onAbort();
  return shown.promise.finally(() => {
    either.removeEventListener('abort', onAbort);
    socket.destroy();
  });
}

/**
 * The certificate of a machine in maintenance mode, if it is the one with this fingerprint: give it to `connectTalos`
 * as `pinned`, and every connection is to that machine or fails with `talos/foreign-certificate`. Twice a day the
 * machine takes a new key, and a new fingerprint with it. Fault `talos/fingerprint-mismatch`, `talos/unreachable`.
 */
export async function pinTalos(target: Place, expected: string, options: ProbeOptions = {}): Promise<string> {
  const { fingerprint, pem } = await probeCertificate(target, options);
  if (fingerprint !== expected) {
    throw talosFingerprintMismatch({ at: hostAndPort(target), expected, found: fingerprint });
  }
  return pem;
}

const fingerprintOf = (certificate: X509Certificate): string =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
