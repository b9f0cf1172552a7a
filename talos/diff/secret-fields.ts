/** Fields whose value, with everything below it, nobody may see: what Talos itself takes out (Redact), by its types. */
const declared: Readonly<Record<string, readonly string[]>> = {
  'block.EncryptionKeyStatic': ['passphrase'],
  'cluster.DiscoveryIdentityConfigV1Alpha1': ['clusterSecret'],
  'cri.RegistryAuthConfigV1Alpha1': ['password', 'auth', 'identityToken'],
  'k8s.IssuerServiceAccountConfig': ['privateKey'],
  'k8s.KubeEtcdEncryptionConfigV1Alpha1': ['config'],
  'meta.CertificateAndKey': ['key'],
  'network.HCloudVIPConfigV1Alpha1': ['apiToken'],
  'network.WireguardConfigV1Alpha1': ['privateKey'],
  'network.WireguardPeer': ['presharedKey'],
  // The URL carries the token by which a machine joins.
  'siderolink.ConfigV1Alpha1': ['uniqueToken', 'apiUrl'],
  'v1alpha1.ClusterConfig': ['secret', 'token', 'aescbcEncryptionSecret', 'secretboxEncryptionSecret'],
  'v1alpha1.DeviceWireguardConfig': ['privateKey'],
  'v1alpha1.EncryptionKeyStatic': ['passphrase'],
  'v1alpha1.MachineConfig': ['token'],
  'v1alpha1.RegistryAuthConfig': ['password', 'auth', 'identityToken'],
  'v1alpha1.VIPEquinixMetalConfig': ['apiToken'],
  'v1alpha1.VIPHCloudConfig': ['apiToken'],
  'x509.PEMEncodedCertificateAndKey': ['key'],
  'x509.PEMEncodedKey': ['key'],
};

/** Fields that hold whatever an operator writes; passwords and tokens of others are kept there. */
const possible: Readonly<Record<string, readonly string[]>> = {
  'container.ContainerConfigV1Alpha1': ['environment'],
  'cri.CRICustomizationConfigV1Alpha1': ['content'],
  'extensions.ConfigFile': ['content'],
  'extensions.ServiceConfigV1Alpha1': ['environment'],
  'k8s.KubeAPIServerConfigV1Alpha1': ['env'],
  'k8s.KubeControllerManagerConfigV1Alpha1': ['env'],
  'k8s.KubeCredentialProviderConfigV1Alpha1': ['configuration'],
  'k8s.KubeExternalManifestConfigV1Alpha1': ['headers'],
  'k8s.KubeInlineManifestConfigV1Alpha1': ['manifest'],
  'k8s.KubeSchedulerConfigV1Alpha1': ['env'],
  'k8s.KubeStaticPodConfigV1Alpha1': ['pod'],
  'runtime.EnvironmentV1Alpha1': ['variables'],
  'runtime.EtcFileConfigV1Alpha1': ['contents'],
  'v1alpha1.APIServerConfig': ['env'],
  'v1alpha1.ClusterConfig': ['extraManifestHeaders'],
  'v1alpha1.ClusterInlineManifest': ['contents'],
  'v1alpha1.ControllerManagerConfig': ['env'],
  'v1alpha1.KubeletConfig': ['credentialProviderConfig'],
  'v1alpha1.MachineConfig': ['env', 'pods'],
  'v1alpha1.MachineFile': ['content'],
  'v1alpha1.SchedulerConfig': ['env'],
};

/** Every field of the table above: type and key. */
export const secretFields: readonly (readonly [type: string, key: string])[] = [declared, possible].flatMap((table) =>
  Object.entries(table).flatMap(([type, keys]) => keys.map((key) => [type, key] as const)),
);

const known = new Set(secretFields.map(([type, key]) => `${type} ${key}`));

export const isSecretField = (type: string, key: string): boolean => known.has(`${type} ${key}`);

/** A URL with a user or a query may carry a password or a token, wherever it is written. */
export const mayCarrySecret = (text: string): boolean => /:\/\/\S*[@?]/.test(text);
