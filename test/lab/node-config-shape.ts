import { z } from 'zod';

const anything = z.unknown().optional();
const pair = z.looseObject({ crt: z.string().optional(), key: z.string().optional() });
const strings = z.array(z.string()).optional();

/** The main document of Talos 1.12 and 1.13, with the keys that are deprecated and still accepted. */
export const mainDocument = z.strictObject({
  version: z.literal('v1alpha1'),
  debug: z.boolean().optional(),
  persist: z.literal(true).optional(),
  machine: z.strictObject({
    type: z.enum(['controlplane', 'worker']),
    token: z.string().min(1),
    ca: pair,
    acceptedCAs: anything,
    certSANs: strings,
    controlPlane: anything,
    kubelet: z.looseObject({ image: z.string().optional() }).optional(),
    pods: anything,
    install: z.looseObject({
      disk: z.string().optional(),
      diskSelector: z.record(z.string(), z.string()).optional(),
      image: z.string().optional(),
      wipe: z.boolean().optional(),
    }),
    files: anything,
    sysctls: anything,
    sysfs: anything,
    features: anything,
    udev: anything,
    logging: anything,
    kernel: anything,
    seccompProfiles: anything,
    baseRuntimeSpecOverrides: anything,
    nodeLabels: anything,
    nodeAnnotations: anything,
    nodeTaints: anything,
    network: anything,
    registries: anything,
    time: anything,
    env: anything,
    disks: anything,
    systemDiskEncryption: anything,
  }),
  cluster: z.strictObject({
    id: z.string().optional(),
    secret: z.string().optional(),
    controlPlane: z.looseObject({ endpoint: z.string() }),
    clusterName: z.string().optional(),
    network: z.looseObject({ cni: z.looseObject({ name: z.string() }).optional() }).optional(),
    token: z.string().optional(),
    aescbcEncryptionSecret: anything,
    secretboxEncryptionSecret: anything,
    ca: pair.optional(),
    acceptedCAs: anything,
    aggregatorCA: anything,
    serviceAccount: anything,
    apiServer: z.looseObject({ certSANs: strings }).optional(),
    controllerManager: anything,
    proxy: anything,
    scheduler: anything,
    discovery: z.looseObject({ enabled: z.boolean().optional() }).optional(),
    etcd: z.looseObject({ ca: pair.optional() }).optional(),
    coreDNS: anything,
    externalCloudProvider: anything,
    extraManifests: anything,
    extraManifestHeaders: anything,
    inlineManifests: anything,
    adminKubeconfig: anything,
    allowSchedulingOnControlPlanes: z.boolean().optional(),
  }),
});

const kinds12 = `VolumeConfig UserVolumeConfig RawVolumeConfig ExistingVolumeConfig SwapVolumeConfig ZswapConfig
  EthernetConfig KubeSpanEndpointsConfig NetworkDefaultActionConfig NetworkRuleConfig EventSinkConfig KmsgLogConfig
  WatchdogTimerConfig SideroLinkConfig ExtensionServiceConfig TrustedRootsConfig PCIDriverRebindConfig HostnameConfig
  ResolverConfig TimeSyncConfig StaticHostConfig LinkConfig LinkAliasConfig BondConfig BridgeConfig VLANConfig
  DummyLinkConfig WireguardConfig DHCPv4Config DHCPv6Config Layer2VIPConfig HCloudVIPConfig RegistryMirrorConfig
  RegistryAuthConfig RegistryTLSConfig OOMConfig`.split(/\s+/);
const kinds13 = `BlackholeRouteConfig RoutingRuleConfig VRFConfig TCPProbeConfig EnvironmentConfig
  ExternalVolumeConfig KubeSpanConfig ImageVerificationConfig`.split(/\s+/);

const kindsOf: Readonly<Record<string, ReadonlySet<string>>> = {
  'v1.12': new Set(kinds12),
  'v1.13': new Set([...kinds12, ...kinds13]),
};

/** The document kinds that this Talos minor (`v1.13`) has registered; `undefined` for one that is not modelled. */
export const knownKinds = (minor: string): ReadonlySet<string> | undefined => kindsOf[minor];
