import type { RackSpec } from '../core/rack-spec.ts';
import type { CertificateAndKey } from './certificate.ts';
import { apiServerNames, clusterEndpoint, kubeletSubnets } from './cluster-config.ts';
import { configDocument, type PlainDocument } from './document-builder/config-document.ts';
import {
  auditPolicy,
  authentication,
  kubePrismPort,
  podSecurity,
  withoutLoadBalancers,
} from './kubernetes-defaults.ts';
import { kubernetesImages } from './kubernetes-images.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';
import { failureDomainLabels } from './node-labels.ts';
import type { TalosContract } from './talos-contract.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/** Kubernetes as documents, in the order in which Talos 1.14 itself writes them. Certificates are plain PEM in these. */
export function kubernetesDocuments(contract: TalosContract, request: MachineConfigRequest): PlainDocument[] {
  const { spec, machine, secrets } = request;
  const { cluster, kubernetes, name } = spec;
  const isControlPlane = machine.role === 'controlplane';
  return [
    configDocument(contract, 'KubeClusterConfig', { clusterName: name, endpoint: clusterEndpoint(spec) }),
    configDocument(contract, 'KubeNodeConfig', {
      nodeIP: { validSubnets: kubeletSubnets(spec) },
      ...nodeMarks(request),
    }),
    configDocument(contract, 'KubeletConfig', {
      image: kubernetesImages(kubernetes.version).kubelet,
      config: {},
      defaultRuntimeSeccompProfileEnabled: true,
    }),
    configDocument(contract, 'KubeNetworkConfig', {
      dnsDomain: cluster.dnsDomain,
      podSubnets: [cluster.podSubnet],
      serviceSubnets: [cluster.serviceSubnet],
    }),
    configDocument(
      contract,
      'KubeAPIServerCAConfig',
      isControlPlane ? { issuingCA: issuing(secrets.kubernetesCa) } : { acceptedCAs: [secrets.kubernetesCa.crt] },
    ),
    configDocument(contract, 'KubePrismConfig', { port: kubePrismPort }),
    ...(isControlPlane ? controlPlaneDocuments(contract, spec, secrets) : []),
  ];
}

function nodeMarks({ spec, machine }: MachineConfigRequest) {
  const role = 'node-role.kubernetes.io/control-plane';
  const isControlPlane = machine.role === 'controlplane';
  const isKept = isControlPlane && !spec.cluster.scheduleOnControlPlanes;
  const labels = {
    ...(isControlPlane ? { [role]: '' } : {}),
    ...(isKept ? withoutLoadBalancers : {}),
    ...failureDomainLabels(machine),
  };
  return {
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(isKept ? { taints: { [role]: 'NoSchedule' } } : {}),
  };
}

function controlPlaneDocuments(contract: TalosContract, spec: RackSpec, secrets: TalosSecrets): PlainDocument[] {
  const images = kubernetesImages(spec.kubernetes.version);
  const hasPodNetwork = spec.cluster.cni !== 'none';
  return [
    configDocument(contract, 'KubeAggregatorCAConfig', { issuingCA: issuing(secrets.aggregatorCa) }),
    configDocument(contract, 'KubeAdmissionControlConfig', { name: 'PodSecurity', configuration: podSecurity }),
    configDocument(contract, 'KubeAuditPolicyConfig', { configuration: auditPolicy }),
    configDocument(contract, 'KubeAuthenticationConfig', { configuration: authentication }),
    configDocument(contract, 'KubeAuthorizerConfig', { name: 'node', type: 'Node' }),
    configDocument(contract, 'KubeAuthorizerConfig', { name: 'rbac', type: 'RBAC' }),
    configDocument(contract, 'KubeEtcdEncryptionConfig', { config: encryptionAtRest(secrets) }),
    configDocument(contract, 'KubeServiceAccountConfig', {
      issuer: { privateKey: secrets.serviceAccountKey, issuerURL: clusterEndpoint(spec) },
    }),
    configDocument(contract, 'KubeAPIServerConfig', { image: images.apiServer, certExtraSANs: apiServerNames(spec) }),
    configDocument(contract, 'KubeControllerManagerConfig', { image: images.controllerManager }),
    configDocument(contract, 'KubeSchedulerConfig', { image: images.scheduler, config: {} }),
    // Whoever brings the pod network without Talos brings the routing of Services with it.
    configDocument(contract, 'KubeProxyConfig', {
      ...(hasPodNetwork ? {} : { enabled: false }),
      image: images.proxy,
      config: {},
    }),
    ...(hasPodNetwork
      ? [configDocument(contract, 'KubeFlannelCNIConfig', { backendType: 'vxlan', backendPort: 4789 })]
      : []),
    configDocument(contract, 'KubeCoreDNSConfig', { enabled: true }),
  ];
}

/**
 * `key2` and `key1` are how Talos before 1.14 called these keys: Secrets written by one can be read by the other. A
 * cluster old enough for AES-CBC may also hold Secrets from before it had a key.
 */
const encryptionAtRest = ({ secretboxEncryptionSecret, aescbcEncryptionSecret }: TalosSecrets) => ({
  resources: [
    {
      providers:
        aescbcEncryptionSecret === undefined
          ? [{ secretbox: { keys: [{ name: 'key2', secret: secretboxEncryptionSecret }] } }]
          : [{ aescbc: { keys: [{ name: 'key1', secret: aescbcEncryptionSecret }] } }, { identity: {} }],
      resources: ['secrets'],
    },
  ],
});

const issuing = ({ crt, key }: CertificateAndKey) => ({ cert: crt, key });
