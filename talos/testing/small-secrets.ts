import { generateKeyPairSync } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';
import { createAuthority } from '../certificate.ts';
import type { TalosSecrets } from '../talos-secrets.ts';
import { trueRandom } from './true-random.ts';

/** Secrets with true authorities, made in milliseconds: the key for service accounts is a small one. */
export async function smallSecrets(clock: Clock): Promise<TalosSecrets> {
  const ports = { clock, random: trueRandom };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [osCa, etcdCa, kubernetesCa, aggregatorCa] = await Promise.all([
    createAuthority({ kind: 'ed25519', organization: 'talos' }, ports),
    createAuthority({ kind: 'ecdsa-p256', organization: 'etcd' }, ports),
    createAuthority({ kind: 'ecdsa-p256', organization: 'kubernetes' }, ports),
    createAuthority({ kind: 'ecdsa-p256' }, ports),
  ]);
  return {
    clusterId: 'cluster-id=',
    clusterSecret: 'cluster-secret=',
    bootstrapToken: 'aaaaaa.bbbbbbbbbbbbbbbb',
    secretboxEncryptionSecret: 'secretbox-secret=',
    trustdToken: 'cccccc.dddddddddddddddd',
    etcdCa,
    kubernetesCa,
    aggregatorCa,
    osCa,
    serviceAccountKey: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  };
}
