import type { TalosContract } from '../talos-contract.ts';
import { hasSince } from '../talos-contract.ts';
import type { ConfigReader } from './config-reader.ts';

interface Overlap {
  readonly kind: string;
  /** Only of the document with this name. */
  readonly name?: string;
  /** Only when the document has this. */
  readonly has?: string;
  readonly since: TalosContract;
  /** What the main document must not have beside it; with `=true` only when it is true, with `=text` when not empty. */
  readonly main: readonly string[];
}

/** What may be said in the main document or in a document of its own, but not in both. */
const overlaps: readonly Overlap[] = [
  {
    kind: 'ResolverConfig',
    since: 'v1.12',
    main: [
      'machine.network.searchDomains=list',
      'machine.network.nameservers=list',
      'machine.network.disableSearchDomain=true',
    ],
  },
  {
    kind: 'TimeSyncConfig',
    since: 'v1.12',
    main: ['machine.time.disabled=true', 'machine.time.servers=list', 'machine.time.bootTimeout=text'],
  },
  {
    kind: 'HostnameConfig',
    since: 'v1.12',
    main: ['machine.network.hostname=text', 'machine.features.stableHostname=true'],
  },
  { kind: 'KubeSpanConfig', since: 'v1.13', main: ['machine.network.kubespan'] },
  ...['STATE', 'EPHEMERAL'].map((name) => ({
    kind: 'VolumeConfig',
    name,
    has: 'encryption.provider',
    since: 'v1.12' as const,
    main: [`machine.systemDiskEncryption.${name.toLowerCase()}`],
  })),
  { kind: 'UnattendedInstallConfig', since: 'v1.14', main: ['machine.install'] },
  { kind: 'ResolverConfig', has: 'hostDNS', since: 'v1.14', main: ['machine.features.hostDNS'] },
  { kind: 'DiscoveryServiceConfig', since: 'v1.14', main: ['cluster.discovery'] },
  { kind: 'DiscoveryIdentityConfig', since: 'v1.14', main: ['cluster.id=text', 'cluster.secret=text'] },
  { kind: 'CRIBaseRuntimeSpecConfig', since: 'v1.14', main: ['machine.baseRuntimeSpecOverrides=list'] },
  { kind: 'ImageCacheConfig', since: 'v1.14', main: ['machine.features.imageCache'] },
  { kind: 'KubeCoreDNSConfig', since: 'v1.14', main: ['cluster.coreDNS'] },
  { kind: 'KubeletConfig', since: 'v1.14', main: ['machine.kubelet'] },
  { kind: 'KubeCredentialProviderConfig', since: 'v1.14', main: ['machine.kubelet'] },
  { kind: 'KubeAuditPolicyConfig', since: 'v1.14', main: ['cluster.apiServer.auditPolicy=list'] },
  { kind: 'KubeAggregatorCAConfig', since: 'v1.14', main: ['cluster.aggregatorCA'] },
  {
    kind: 'KubeEtcdEncryptionConfig',
    since: 'v1.14',
    main: ['cluster.secretboxEncryptionSecret=text', 'cluster.aescbcEncryptionSecret=text'],
  },
  { kind: 'KubeFlannelCNIConfig', since: 'v1.14', main: ['cluster.network'] },
  { kind: 'KubeNetworkConfig', since: 'v1.14', main: ['cluster.network'] },
  { kind: 'KubeClusterConfig', since: 'v1.14', main: ['cluster.clusterName=text', 'cluster.controlPlane.endpoint'] },
  { kind: 'KubePrismConfig', since: 'v1.14', main: ['machine.features.kubePrism'] },
  {
    kind: 'KubeControllerManagerConfig',
    since: 'v1.14',
    main: ['cluster.controllerManager', 'machine.controlPlane.controllerManager'],
  },
  { kind: 'KubeSchedulerConfig', since: 'v1.14', main: ['cluster.scheduler', 'machine.controlPlane.scheduler'] },
  { kind: 'KubeAPIServerCAConfig', since: 'v1.14', main: ['cluster.ca'] },
  { kind: 'KubeAdmissionControlConfig', since: 'v1.14', main: ['cluster.apiServer.admissionControl=list'] },
  { kind: 'KubeAuthorizerConfig', since: 'v1.14', main: ['cluster.apiServer.admissionControl=list'] },
  { kind: 'KubeServiceAccountConfig', since: 'v1.14', main: ['cluster.serviceAccount'] },
  {
    kind: 'KubeAPIServerConfig',
    since: 'v1.14',
    main: ['cluster.apiServer', 'cluster.controlPlane.localAPIServerPort'],
  },
  { kind: 'KubeProxyConfig', since: 'v1.14', main: ['cluster.proxy'] },
  { kind: 'KubeTalosAPIAccessConfig', since: 'v1.14', main: ['machine.features.kubernetesTalosAPIAccess'] },
  {
    kind: 'KubeNodeConfig',
    since: 'v1.14',
    main: [
      'cluster.allowSchedulingOnControlPlanes',
      'machine.kubelet.skipNodeRegistration',
      'machine.kubelet.registerWithFQDN',
      'machine.kubelet.nodeIP',
    ],
  },
];

/** Refuses, in the document of its own, what the main document says too (V1Alpha1ConflictValidate). */
export function checkOverlaps(main: ConfigReader, document: ConfigReader, kind: string): void {
  for (const overlap of overlaps) {
    const { since, name, has } = overlap;
    if (overlap.kind !== kind || !hasSince(main.minor, since)) continue;
    if (name !== undefined && document.text('name') !== name) continue;
    if (has !== undefined && !document.has(has)) continue;
    for (const written of overlap.main) {
      const [path = '', when] = written.split('=');
      if (isSet(main, path, when)) document.refuse('', `says what ${path} of the main document says too`);
    }
  }
}

function isSet(main: ConfigReader, path: string, when: string | undefined): boolean {
  if (when === 'true') return main.isTrue(path);
  if (when === 'text') return main.text(path) !== '';
  if (when === 'list') return main.below(path).length > 0;
  return main.has(path);
}
