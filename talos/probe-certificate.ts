import { createHash, type X509Certificate } from 'node:crypto';
import type { TalosTarget } from './open-channel.ts';
import { type ProbeOptions, probeTls } from './probe-tls.ts';

/** The certificate that a machine shows, whoever signed it. */
export interface ShownCertificate {
  /** As on the machine's console: SHA-256 of the public key (SubjectPublicKeyInfo, RFC 5280 4.1) in base64. */
  readonly fingerprint: string;
  readonly pem: string;
}

/** What a machine says who it is. Fault `talos/unreachable`. */
export const probeCertificate = (
  target: Pick<TalosTarget, 'address' | 'port'>,
  options: ProbeOptions = {},
): Promise<ShownCertificate> =>
  probeTls(target, options, {
    minVersion: 'TLSv1.2',
    watch: (socket, learn, fail) =>
      socket.once('secureConnect', () => {
        const leaf = socket.getPeerX509Certificate();
        if (leaf === undefined) fail('it shows no certificate');
        else learn({ fingerprint: fingerprintOf(leaf), pem: leaf.toString() });
      }),
  });

const fingerprintOf = (certificate: X509Certificate): string =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
