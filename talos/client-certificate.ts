import type { Clock, Random } from '../core/ports.ts';
import { createLeaf } from './certificate.ts';
import type { TalosKeys } from './talos-keys.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/** One year, the life of the certificates that talosctl makes. */
const adminHours = 8_760;

/** A new admin of the Talos API: role `os:admin`, which allows everything. The private key is new each time. */
export async function createAdminKeys(
  secrets: Pick<TalosSecrets, 'osCa'>,
  ports: { clock: Clock; random: Random },
): Promise<TalosKeys> {
  const leaf = await createLeaf(
    { authority: secrets.osCa, kind: 'ed25519', organizations: ['os:admin'], usage: 'client', hours: adminHours },
    ports,
  );
  return { ca: secrets.osCa.crt, cert: leaf.crt, key: leaf.key };
}
