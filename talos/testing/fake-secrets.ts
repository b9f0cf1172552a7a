import type { TalosSecrets } from '../talos-secrets.ts';

const pair = (name: string) => ({
  crt: `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`,
  key: `-----BEGIN PRIVATE KEY-----\n${name}\n-----END PRIVATE KEY-----\n`,
});

/** Secrets that are texts in the right form and open nothing. */
export const fakeSecrets = {
  clusterId: 'cluster-id=',
  clusterSecret: 'cluster-secret=',
  bootstrapToken: 'aaaaaa.bbbbbbbbbbbbbbbb',
  secretboxEncryptionSecret: 'secretbox-secret=',
  trustdToken: 'cccccc.dddddddddddddddd',
  etcdCa: pair('etcd'),
  kubernetesCa: pair('kubernetes'),
  aggregatorCa: pair('aggregator'),
  serviceAccountKey: pair('service-account').key,
  osCa: pair('os'),
} satisfies TalosSecrets;
