/** The types that the simulated node serves at all. */
export const servedTypes: ReadonlySet<string> = new Set([
  'SystemInformations.hardware.talos.dev',
  'LinkStatuses.net.talos.dev',
  'AddressStatuses.net.talos.dev',
  'HostnameStatuses.net.talos.dev',
  'Disks.block.talos.dev',
  'BlockDevices.block.talos.dev',
  'DiscoveredVolumes.block.talos.dev',
  'SystemDisks.block.talos.dev',
  'MachineStatuses.runtime.talos.dev',
  'Versions.runtime.talos.dev',
  'SecurityStates.talos.dev',
  'MachineTypes.config.talos.dev',
  'Services.v1alpha1.talos.dev',
  'EtcdMembers.etcd.talos.dev',
  'Nodenames.kubernetes.talos.dev',
  'MachineConfigs.config.talos.dev',
]);

/** Types that only an admin may read. Each of them ends in the name of a part that holds secrets or raw config. */
export const isSensitive = (type: string): boolean => type.endsWith('.secrets.talos.dev') || sensitiveTypes.has(type);

const sensitiveTypes: ReadonlySet<string> = new Set([
  'APIServerConfigs.kubernetes.talos.dev',
  'AuditPolicyConfigs.kubernetes.talos.dev',
  'AuthorizationConfigs.kubernetes.talos.dev',
  'DeviceConfigSpecs.net.talos.dev',
  'DiscoveryConfigs.cluster.talos.dev',
  'EtcFileSpecs.files.talos.dev',
  'ExtensionServiceConfigs.runtime.talos.dev',
  'KubeSpanConfigs.kubespan.talos.dev',
  'KubeSpanIdentities.kubespan.talos.dev',
  'KubeletConfigs.kubernetes.talos.dev',
  'KubeletSpecs.kubernetes.talos.dev',
  'LinkSpecs.net.talos.dev',
  'MachineConfigs.config.talos.dev',
  'OperatorSpecs.net.talos.dev',
  'RegistryConfigs.cri.talos.dev',
  'SiderolinkConfigs.siderolink.talos.dev',
  'VolumeConfigs.block.talos.dev',
]);
