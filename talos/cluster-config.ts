import type { RackSpec } from '../core/rack-spec.ts';
import { kubernetesImages } from './kubernetes-images.ts';
import { encodePem } from './pem-base64.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/** The `cluster` section that every machine has; what only control planes may hold is in controlPlaneClusterConfig. */
export const clusterConfig = ({ name, network, cluster }: RackSpec, secrets: TalosSecrets) => ({
  id: secrets.clusterId,
  secret: secrets.clusterSecret,
  controlPlane: { endpoint: `https://${network.vip}:6443` },
  clusterName: name,
  network: {
    cni: { name: cluster.cni },
    dnsDomain: cluster.dnsDomain,
    podSubnets: [cluster.podSubnet],
    serviceSubnets: [cluster.serviceSubnet],
  },
  token: secrets.bootstrapToken,
  ca: { crt: encodePem(secrets.kubernetesCa.crt), key: '' },
  // The registry that Talos would use is a service in the internet; who is a member is in the rack file.
  discovery: { enabled: false },
});

/** The `cluster` section of a control plane: keys of the authorities, and the components of Kubernetes. */
export function controlPlaneClusterConfig(spec: RackSpec, secrets: TalosSecrets) {
  const { network, cluster, kubernetes, machines } = spec;
  const images = kubernetesImages(kubernetes.version);
  const controlPlanes = machines.filter(({ role }) => role === 'controlplane').map(({ address }) => address);
  return {
    ...clusterConfig(spec, secrets),
    secretboxEncryptionSecret: secrets.secretboxEncryptionSecret,
    ca: pair(secrets.kubernetesCa),
    aggregatorCA: pair(secrets.aggregatorCa),
    serviceAccount: { key: encodePem(secrets.serviceAccountKey) },
    apiServer: {
      image: images.apiServer,
      // 127.0.0.1 is KubePrism, by which each node reaches whichever API server is up.
      certSANs: [network.vip, ...controlPlanes, '127.0.0.1'],
      admissionControl: [{ name: 'PodSecurity', configuration: podSecurity }],
      auditPolicy: { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] },
    },
    controllerManager: { image: images.controllerManager },
    // Whoever brings the pod network without Talos brings the routing of Services with it.
    proxy: cluster.cni === 'none' ? { disabled: true } : { image: images.proxy },
    scheduler: { image: images.scheduler },
    etcd: { ca: pair(secrets.etcdCa), advertisedSubnets: machineSubnets(spec) },
    allowSchedulingOnControlPlanes: cluster.scheduleOnControlPlanes,
  };
}

/** Where the addresses of the machines are; not the shared one, which moves from one to another. */
export const machineSubnets = ({ network }: RackSpec): string[] => [network.subnet, `!${network.vip}/32`];

/** Talos' default: `baseline` everywhere but in kube-system, and a warning below `restricted`. */
const podSecurity = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1alpha1',
  kind: 'PodSecurityConfiguration',
  defaults: {
    enforce: 'baseline',
    'enforce-version': 'latest',
    audit: 'restricted',
    'audit-version': 'latest',
    warn: 'restricted',
    'warn-version': 'latest',
  },
  exemptions: { namespaces: ['kube-system'], runtimeClasses: [], usernames: [] },
};

const pair = ({ crt, key }: { crt: string; key: string }) => ({ crt: encodePem(crt), key: encodePem(key) });
