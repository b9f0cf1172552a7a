import { z } from 'zod';
import { flag, foreign, kind, text, textMap, texts, whole } from './document-kind.ts';

/** PEM. */
const issuingCA = z.strictObject({ cert: text, key: text });
/** One value, or several for an argument that may be repeated. */
const extraArgs = z.record(z.string(), z.union([text, texts])).optional();
const component = {
  image: text,
  extraArgs,
  env: textMap.optional(),
  resources: foreign.optional(),
};

/** Kubernetes, which before 1.14 is the `cluster` section and `machine.kubelet` of the main document. */
export const kubernetesKinds = {
  KubeClusterConfig: kind('v1.14', { clusterName: text, endpoint: text }),
  KubeNetworkConfig: kind('v1.14', {
    dnsDomain: text.optional(),
    podSubnets: texts,
    serviceSubnets: texts,
    nodeCIDRMaskSizeIPv4: whole.optional(),
    nodeCIDRMaskSizeIPv6: whole.optional(),
  }),
  KubeNodeConfig: kind('v1.14', {
    skipNodeRegistration: flag.optional(),
    registerWithFQDN: flag.optional(),
    nodeIP: z.strictObject({ validSubnets: texts.optional() }).optional(),
    labels: textMap.optional(),
    annotations: textMap.optional(),
    /** `value:Effect` or `Effect`. */
    taints: textMap.optional(),
  }),
  KubeletConfig: kind('v1.14', {
    image: text,
    config: foreign.optional(),
    extraArgs,
    clusterDNS: texts.optional(),
    defaultRuntimeSeccompProfileEnabled: flag.optional(),
  }),
  KubePrismConfig: kind('v1.14', { port: whole, tlsServerName: text.optional() }),
  /** A worker has no issuing authority, but accepts its certificates. */
  KubeAPIServerCAConfig: kind('v1.14', { issuingCA: issuingCA.optional(), acceptedCAs: texts.optional() }),
  KubeAggregatorCAConfig: kind('v1.14', { issuingCA: issuingCA.optional(), acceptedCAs: texts.optional() }),
  KubeServiceAccountConfig: kind('v1.14', {
    issuer: z.strictObject({ privateKey: text, issuerURL: text }),
    accepted: z
      .strictObject({ publicKeys: texts.optional(), issuers: texts.optional(), audiences: texts.optional() })
      .optional(),
  }),
  KubeEtcdEncryptionConfig: kind('v1.14', { config: foreign }),
  KubeAPIServerConfig: kind('v1.14', {
    ...component,
    apiPort: whole.optional(),
    certExtraSANs: texts.optional(),
    startupProbes: flag.optional(),
  }),
  KubeControllerManagerConfig: kind('v1.14', { ...component, enabled: flag.optional() }),
  KubeSchedulerConfig: kind('v1.14', { ...component, enabled: flag.optional(), config: foreign.optional() }),
  KubeProxyConfig: kind('v1.14', {
    enabled: flag.optional(),
    image: text,
    mode: text.optional(),
    config: foreign.optional(),
    extraArgs,
    resources: foreign.optional(),
  }),
  KubeCoreDNSConfig: kind('v1.14', { enabled: flag.optional(), image: text.optional() }),
  KubeFlannelCNIConfig: kind('v1.14', {
    backendType: text.optional(),
    backendPort: whole.optional(),
    backendMTU: whole.optional(),
    backendExtraConfig: foreign.optional(),
    resources: foreign.optional(),
    extraArgs: texts.optional(),
    kubeNetworkPoliciesEnabled: flag.optional(),
  }),
  KubeAdmissionControlConfig: kind('v1.14', { name: text, configuration: foreign }),
  KubeAuditPolicyConfig: kind('v1.14', { configuration: foreign }),
  KubeAuthenticationConfig: kind('v1.14', { configuration: foreign }),
  KubeAuthorizerConfig: kind('v1.14', {
    name: text,
    type: z.enum(['Node', 'RBAC', 'Webhook']),
    webhook: foreign.optional(),
  }),
  KubeInlineManifestConfig: kind('v1.14', { name: text, manifest: text }),
  KubeExternalManifestConfig: kind('v1.14', { name: text, url: text, headers: textMap.optional() }),
  KubeStaticPodConfig: kind('v1.14', { name: text, pod: foreign }),
  KubeCredentialProviderConfig: kind('v1.14', { configuration: foreign }),
  KubeTalosAPIAccessConfig: kind('v1.14', { allowedRoles: texts, allowedKubernetesNamespaces: texts }),
};
