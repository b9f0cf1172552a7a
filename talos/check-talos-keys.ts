import type { Clock } from '../core/ports.ts';
import { keyFits, readCertificate } from './check-secrets.ts';
import { clientExpired, clientUnusable, otherClusterKeys } from './pki-faults.ts';
import { splitPem } from './split-pem.ts';
import type { TalosKeys } from './talos-keys.ts';
import type { TalosSecrets } from './talos-secrets.ts';

const clientAuth = '1.3.6.1.5.5.7.3.2';

/**
 * Whether machines would take these keys now, as far as that can be told without asking one; with secrets, whether the
 * keys are of that cluster. Faults `talos/client-certificate-expired`, `talos/client-certificate-unusable` and
 * `talos/other-cluster-keys`.
 */
export function checkTalosKeys(keys: TalosKeys, clock: Pick<Clock, 'now'>, secrets?: Pick<TalosSecrets, 'osCa'>): void {
  const refuse = (why: string) => clientUnusable({ why });
  const client = readCertificate(keys.cert);
  if (client === undefined) throw refuse('it cannot be read');
  const fits = keyFits(client, keys.key);
  if (fits === undefined) throw refuse('its key cannot be read');
  if (!fits) throw refuse('its key is of another certificate');
  const isSignedBy = (pem: string) =>
    splitPem(pem).some((authority) => {
      const certificate = readCertificate(authority);
      return certificate !== undefined && client.verify(certificate.publicKey);
    });
  if (secrets !== undefined && !isSignedBy(secrets.osCa.crt)) throw otherClusterKeys(undefined);
  if (!isSignedBy(keys.ca)) throw refuse('the authority beside it did not sign it');
  // Talos refuses a certificate that is good for anything else too (1.2 and newer).
  if (client.keyUsage.join() !== clientAuth) throw refuse('it is not a certificate for clients only');
  if (client.validFromDate > clock.now()) throw refuse(`it is good only from ${client.validFrom} on`);
  if (client.validToDate <= clock.now()) throw clientExpired({ since: client.validTo });
}
