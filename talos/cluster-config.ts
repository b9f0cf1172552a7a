import type { RackSpec } from '../core/rack-spec.ts';
import { auditPolicy, podSecurity } from './kubernetes-defaults.ts';
import { kubernetesImages } from './kubernetes-images.ts';
import { encodePair, encodePem } from './pem-base64.ts';
import { hasSince, type TalosContract } from './talos-contract.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/** The `cluster` section of every machine up to 1.13; what only control planes may hold is in controlPlaneClusterConfig. */
export const clusterConfig = (spec: RackSpec, secrets: TalosSecrets) => ({
  id: secrets.clusterId,
  secret: secrets.clusterSecret,
  controlPlane: { endpoint: clusterEndpoint(spec) },
  clusterName: spec.name,
  network: {
    cni: { name: spec.cluster.cni },
    dnsDomain: spec.cluster.dnsDomain,
    podSubnets: [spec.cluster.podSubnet],
    serviceSubnets: [spec.cluster.serviceSubnet],
  },
  token: secrets.bootstrapToken,
  ca: { crt: encodePem(secrets.kubernetesCa.crt), key: '' },
  // The registry that Talos would use is a service in the internet; who is a member is in the rack file.
  discovery: { enabled: false },
});

/** The `cluster` section of a control plane up to 1.13: keys of the authorities, and the components of Kubernetes. */
export function controlPlaneClusterConfig(contract: TalosContract, spec: RackSpec, secrets: TalosSecrets) {
  const { cluster, kubernetes } = spec;
  const images = kubernetesImages(kubernetes.version);
  return {
    ...clusterConfig(spec, secrets),
    ...encryptionSecret(secrets),
    ca: encodePair(secrets.kubernetesCa),
    aggregatorCA: encodePair(secrets.aggregatorCa),
    serviceAccount: { key: encodePem(secrets.serviceAccountKey) },
    apiServer: {
      image: images.apiServer,
      certSANs: apiServerNames(spec),
      // 1.12 and newer no longer write it: such policies are gone from Kubernetes.
      ...(hasSince(contract, 'v1.12') ? {} : { disablePodSecurityPolicy: true }),
      admissionControl: [{ name: 'PodSecurity', configuration: podSecurity }],
      auditPolicy,
    },
    controllerManager: { image: images.controllerManager },
    // Whoever brings the pod network without Talos brings the routing of Services with it.
    proxy: cluster.cni === 'none' ? { disabled: true } : { image: images.proxy },
    scheduler: { image: images.scheduler },
    etcd: etcdConfig(spec, secrets),
    allowSchedulingOnControlPlanes: cluster.scheduleOnControlPlanes,
  };
}

export const etcdConfig = (spec: RackSpec, secrets: TalosSecrets) => ({
  ca: encodePair(secrets.etcdCa),
  advertisedSubnets: withoutVip(spec, spec.cluster.etcdSubnets),
});

export const clusterEndpoint = ({ network }: RackSpec): string => `https://${network.vip}:6443`;

/** What the API server's certificate is for; 127.0.0.1 is KubePrism, by which each node reaches whichever one is up. */
export const apiServerNames = ({ network, machines }: RackSpec): string[] => [
  network.vip,
  ...machines.filter(({ role }) => role === 'controlplane').map(({ address }) => address),
  '127.0.0.1',
];

/** Where kubelets take the address of their node from. */
export const kubeletSubnets = (spec: RackSpec): string[] => withoutVip(spec, spec.cluster.kubeletSubnets);

/** Not the shared address, which moves from one machine to another. */
const withoutVip = ({ network }: RackSpec, subnets: readonly string[] = [network.subnet]): string[] => [
  ...subnets,
  `!${network.vip}/32`,
];

/** Exactly one of the two is there. */
const encryptionSecret = ({ secretboxEncryptionSecret, aescbcEncryptionSecret }: TalosSecrets) => ({
  ...(secretboxEncryptionSecret === undefined ? {} : { secretboxEncryptionSecret }),
  ...(aescbcEncryptionSecret === undefined ? {} : { aescbcEncryptionSecret }),
});
