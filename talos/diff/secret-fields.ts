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

/**
 * Fields that hold whatever an operator writes, such as arguments of programs and of the kernel; passwords and tokens of
 * others are kept there.
 */
const possible: Readonly<Record<string, readonly string[]>> = {
  'container.ContainerConfigV1Alpha1': ['args', 'environment'],
  'cri.CRICustomizationConfigV1Alpha1': ['content'],
  'extensions.ConfigFile': ['content'],
  'extensions.ServiceConfigV1Alpha1': ['environment'],
  'k8s.KubeAPIServerConfigV1Alpha1': ['env', 'extraArgs'],
  'k8s.KubeControllerManagerConfigV1Alpha1': ['env', 'extraArgs'],
  'k8s.KubeCredentialProviderConfigV1Alpha1': ['configuration'],
  'k8s.KubeExternalManifestConfigV1Alpha1': ['headers'],
  'k8s.KubeFlannelCNIConfigV1Alpha1': ['extraArgs'],
  'k8s.KubeInlineManifestConfigV1Alpha1': ['manifest'],
  'k8s.KubeProxyConfigV1Alpha1': ['extraArgs'],
  'k8s.KubeSchedulerConfigV1Alpha1': ['env', 'extraArgs'],
  'k8s.KubeStaticPodConfigV1Alpha1': ['pod'],
  'k8s.KubeletConfigV1Alpha1': ['config', 'extraArgs'],
  'runtime.EnvironmentV1Alpha1': ['variables'],
  'runtime.EtcFileConfigV1Alpha1': ['contents'],
  'runtime.KernelModuleConfigV1Alpha1': ['parameters'],
  'runtime.SysctlConfigV1Alpha1': ['params'],
  'runtime.SysfsConfigV1Alpha1': ['params'],
  'v1alpha1.APIServerConfig': ['env', 'extraArgs'],
  'v1alpha1.ClusterConfig': ['extraManifestHeaders'],
  'v1alpha1.ClusterInlineManifest': ['contents'],
  'v1alpha1.ControllerManagerConfig': ['env', 'extraArgs'],
  'v1alpha1.EtcdConfig': ['extraArgs'],
  'v1alpha1.FlannelCNIConfig': ['extraArgs'],
  'v1alpha1.InstallConfig': ['extraKernelArgs'],
  'v1alpha1.KernelModuleConfig': ['parameters'],
  'v1alpha1.KubeletConfig': ['credentialProviderConfig', 'extraArgs', 'extraConfig'],
  'v1alpha1.MachineConfig': ['env', 'pods', 'sysctls', 'sysfs'],
  'v1alpha1.MachineFile': ['content'],
  'v1alpha1.ProxyConfig': ['extraArgs'],
  'v1alpha1.SchedulerConfig': ['env', 'extraArgs'],
};

/** Every field of the table above: type and key. */
export const secretFields: readonly (readonly [type: string, key: string])[] = [declared, possible].flatMap((table) =>
  Object.entries(table).flatMap(([type, keys]) => keys.map((key) => [type, key] as const)),
);

const known = new Set(secretFields.map(([type, key]) => `${type} ${key}`));

export const isSecretField = (type: string, key: string): boolean => known.has(`${type} ${key}`);

/** A URL with a user or a query may carry a password or a token, wherever it is written. */
export const mayCarrySecret = (text: string): boolean => /:\/\/\S*[@?]/.test(text);
