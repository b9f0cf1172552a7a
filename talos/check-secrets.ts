import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Clock } from '../core/ports.ts';
import { authorityExpired, authorityUnusable } from './pki-faults.ts';
import { opensslPem } from './private-key.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/** The authorities of a cluster, as an operator calls them. */
export const authorities = {
  osCa: 'of the Talos API (certs.os)',
  kubernetesCa: 'of Kubernetes (certs.k8s)',
  etcdCa: 'of etcd (certs.etcd)',
  aggregatorCa: 'of the API aggregator (certs.k8saggregator)',
} as const;

/**
 * Whether new certificates could be made with these secrets: each key belongs to its certificate, which is that of an
 * authority and still good. Faults `talos/authority-unusable` and `talos/authority-expired`.
 */
export function checkSecrets(secrets: TalosSecrets, clock: Pick<Clock, 'now'>): void {
  for (const [name, authority] of Object.entries(authorities)) {
    const { crt, key } = secrets[name as keyof typeof authorities];
    const refuse = (why: string) => authorityUnusable({ authority, why });
    const certificate = readCertificate(crt);
    if (certificate === undefined) throw refuse('its certificate cannot be read');
    if (!certificate.ca) throw refuse('its certificate is not that of an authority');
    const fits = keyFits(certificate, key);
    if (fits === undefined) throw refuse('its key cannot be read');
    if (!fits) throw refuse('its key and its certificate do not belong together');
    if (certificate.validToDate <= clock.now()) throw authorityExpired({ authority, since: certificate.validTo });
  }
  try {
    createPrivateKey(opensslPem(secrets.serviceAccountKey));
  } catch {
    throw authorityUnusable({
      authority: 'of service accounts (certs.k8sserviceaccount)',
      why: 'its key cannot be read',
    });
  }
}

export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** `undefined` when the key cannot be read. What OpenSSL says is left out: nobody promises that it quotes nothing. */
export function keyFits(certificate: X509Certificate, key: string): boolean | undefined {
  try {
    return certificate.checkPrivateKey(createPrivateKey(opensslPem(key)));
  } catch {
    return undefined;
  }
}
