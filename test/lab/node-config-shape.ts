import { z } from 'zod';
import v111 from '../../talos/document/fields-v1.11.json' with { type: 'json' };
import v112 from '../../talos/document/fields-v1.12.json' with { type: 'json' };
import v113 from '../../talos/document/fields-v1.13.json' with { type: 'json' };
import v114 from '../../talos/document/fields-v1.14.json' with { type: 'json' };

const anything = z.unknown().optional();
const pair = z.looseObject({ crt: z.string().optional(), key: z.string().optional() });
const strings = z.array(z.string()).optional();

/** The main document of Talos 1.11 to 1.14, with the keys that are deprecated and still accepted. */
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
    install: z
      .looseObject({
        disk: z.string().optional(),
        diskSelector: z.record(z.string(), z.string()).optional(),
        image: z.string().optional(),
        wipe: z.boolean().optional(),
      })
      .optional(),
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
    network: z
      .looseObject({
        hostname: z.string().optional(),
        interfaces: z
          .array(
            z.looseObject({
              interface: z.string().optional(),
              addresses: strings,
              vip: z.looseObject({ ip: z.string() }).optional(),
            }),
          )
          .optional(),
      })
      .optional(),
    registries: anything,
    time: anything,
    env: anything,
    disks: anything,
    systemDiskEncryption: anything,
  }),
  cluster: z.strictObject({
    id: z.string().optional(),
    secret: z.string().optional(),
    controlPlane: z.looseObject({ endpoint: z.string() }).optional(),
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

const fields: Readonly<Record<string, { readonly kinds: Readonly<Record<string, string>> }>> = {
  'v1.11': v111,
  'v1.12': v112,
  'v1.13': v113,
  'v1.14': v114,
};

/** The document kinds that this Talos minor (`v1.13`) has registered; `undefined` for one that is not modelled. */
export const knownKinds = (minor: string): ReadonlySet<string> | undefined => {
  const kinds = fields[minor]?.kinds;
  return kinds === undefined ? undefined : new Set(Object.keys(kinds));
};
