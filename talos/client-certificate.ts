import { seconds } from '../core/millis.ts';
import type { Clock, Random } from '../core/ports.ts';
import { createLeaf } from './certificate.ts';
import type { TalosKeys } from './talos-keys.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/** What a client of the Talos API may do; Talos 1.13 added `os:meta:writer`. */
export const talosRoles = ['os:admin', 'os:operator', 'os:reader', 'os:etcd:backup', 'os:meta:writer'] as const;
export type TalosRole = (typeof talosRoles)[number];

/** One year, the life of the certificates that talosctl makes. */
const usualHours = 8_760;
/** Machines refuse a certificate that is not valid yet by their clock: this is more than their clocks may be behind. */
const backdated = seconds(10);

function earlier(now: Date): Date {
  const then = structuredClone(now);
  then.setTime(now.getTime() - backdated);
  return then;
}

/** A new client of the Talos API, made without asking a machine. The private key is new each time. */
export async function createClientKeys(
  secrets: Pick<TalosSecrets, 'osCa'>,
  { roles, hours = usualHours }: { roles: readonly TalosRole[]; hours?: number },
  ports: { clock: Clock; random: Random },
): Promise<TalosKeys> {
  const leaf = await createLeaf(
    { authority: secrets.osCa, organizations: [...roles].sort(), usage: 'client', hours },
    { ...ports, clock: { now: () => earlier(ports.clock.now()) } },
  );
  return { ca: secrets.osCa.crt, cert: leaf.crt, key: leaf.key };
}

/** A new admin of the Talos API: role `os:admin`, which allows everything. */
export const createAdminKeys = (
  secrets: Pick<TalosSecrets, 'osCa'>,
  ports: { clock: Clock; random: Random },
): Promise<TalosKeys> => createClientKeys(secrets, { roles: ['os:admin'] }, ports);
