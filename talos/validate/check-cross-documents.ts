import type { ConfigDocument } from '../document/config-document.ts';
import { hasSince, type TalosContract } from '../talos-contract.ts';
import { roleOf } from './check-main-document.ts';
import type { ConfigReader } from './config-reader.ts';

/** Kinds that a worker must not have, since 1.14. */
const controlPlaneKinds = [
  'KubeAPIServerConfig',
  'KubeAdmissionControlConfig',
  'KubeAggregatorCAConfig',
  'KubeAuditPolicyConfig',
  'KubeAuthenticationConfig',
  'KubeAuthorizerConfig',
  'KubeControllerManagerConfig',
  'KubeCoreDNSConfig',
  'KubeEtcdEncryptionConfig',
  'KubeFlannelCNIConfig',
  'KubeProxyConfig',
  'KubeSchedulerConfig',
  'KubeServiceAccountConfig',
  'KubeTalosAPIAccessConfig',
];

type Read = Pick<ConfigDocument, 'kind'> & { readonly reader: ConfigReader };

/** What Talos since 1.14 says of all documents together (config/container/validate.go). */
export function checkCrossDocuments(main: ConfigReader, read: readonly Read[], minor: TalosContract): void {
  if (!hasSince(minor, 'v1.14')) return;
  const find = (kind: string) => read.find((one) => one.kind === kind)?.reader;
  const legacyService = 'cluster.discovery.registries.service.disabled';
  const hasDiscovery =
    find('DiscoveryServiceConfig') !== undefined ||
    (main.isTrue('cluster.discovery.enabled') && !main.isTrue(legacyService));
  const identity = find('DiscoveryIdentityConfig');
  for (const [key, path] of [
    ['clusterID', 'cluster.id'],
    ['clusterSecret', 'cluster.secret'],
  ] as const) {
    const isSet = identity === undefined ? main.text(path) !== '' : identity.text(key) !== '';
    if (hasDiscovery && !isSet)
      (identity ?? main).refuse(identity === undefined ? path : key, 'is required by discovery');
  }
  const kubespan = find('KubeSpanConfig');
  const hasKubespan = kubespan?.isTrue('enabled') ?? main.isTrue('machine.network.kubespan.enabled');
  if (hasKubespan && !hasDiscovery) (kubespan ?? main).refuse('', 'KubeSpan needs discovery: a DiscoveryServiceConfig');
  if (roleOf(main.text('machine.type')) === 'controlplane') checkEncryption(main, find);
  else {
    for (const { kind, reader } of read)
      if (controlPlaneKinds.includes(kind)) reader.refuse('', 'is for control planes only');
  }
}

function checkEncryption(main: ConfigReader, find: (kind: string) => ConfigReader | undefined): void {
  const runsApi = main.has('cluster.ca') || find('KubeAPIServerCAConfig') !== undefined;
  const secrets = ['cluster.secretboxEncryptionSecret', 'cluster.aescbcEncryptionSecret'];
  const isEncrypted = find('KubeEtcdEncryptionConfig') !== undefined || secrets.some((path) => main.text(path) !== '');
  if (runsApi && !isEncrypted)
    main.refuse('cluster', 'says nothing of encryption in etcd: a KubeEtcdEncryptionConfig is needed');
}
