import { z } from 'zod';
import type { ResourceKind } from './cosi-resource.ts';

/**
 * The resources that Rackwright may read, with the fields that it may use: names as in the resource definitions of
 * Talos 1.11 to 1.14. A field that is missing or of another type is taken for absent, so that an odd machine is shown
 * and not hidden. `since` when older versions do not have the type. In maintenance mode everybody may read what is not
 * `sensitive`; the rest is for os:admin.
 */
export interface TypedKind<Spec extends z.ZodType = z.ZodType> extends ResourceKind {
  readonly spec: Spec;
  readonly since?: '1.14';
  /** Since which version; true: since the first that we know. */
  readonly sensitive?: true | '1.12';
}

const text = z.string().min(1).optional().catch(undefined);
const flag = z.boolean().catch(false);
const maybe = z.boolean().optional().catch(undefined);
const count = z.int().nonnegative().catch(0);
const texts = z.array(z.string()).catch([]);
const labels = z.record(z.string(), z.string()).catch({});

const exactText = z
  .string()
  .optional()
  .transform((value) => value || undefined);
const exactFlag = z.boolean().default(false);

const kind = <Spec extends z.ZodType>(
  namespace: string,
  type: string,
  spec: Spec,
  more: Pick<TypedKind, 'since' | 'sensitive'> = {},
): TypedKind<Spec> => ({ namespace, type: `${type}.talos.dev`, spec, ...more });
const late = { since: '1.14' } as const;
const secret = { sensitive: true } as const;

/** Its nodes' machine type and the port of its API server. */
const controlPlane = z
  .object({ port: z.int().optional().catch(undefined) })
  .optional()
  .catch(undefined);

export const resourceKinds = {
  systemInformations: kind(
    'hardware',
    'SystemInformations.hardware',
    z.object({ manufacturer: text, productName: text, version: text, serialnumber: text, uuid: text, skuNumber: text }),
  ),
  processors: kind(
    'hardware',
    'Processors.hardware',
    z.object({
      socket: text,
      manufacturer: text,
      productName: text,
      coreCount: count,
      coreEnabled: count,
      threadCount: count,
      maxSpeedMhz: count,
    }),
  ),
  /** A slot without a module has `sizeMiB` 0. */
  memoryModules: kind(
    'hardware',
    'MemoryModules.hardware',
    z.object({
      sizeMiB: count,
      deviceLocator: text,
      speed: count,
      manufacturer: text,
      serialNumber: text,
      productName: text,
    }),
  ),
  pciDevices: kind(
    'hardware',
    'PCIDevices.hardware',
    z.object({
      class: text,
      subclass: text,
      vendor: text,
      product: text,
      class_id: text,
      vendor_id: text,
      product_id: text,
      driver: text,
    }),
  ),
  /** Strict, unlike the others: a disk whose serial cannot be read would make the selector of another one look unique. */
  disks: kind(
    'runtime',
    'Disks.block',
    z.object({
      dev_path: exactText,
      size: z.int().nonnegative().default(0),
      readonly: exactFlag,
      cdrom: exactFlag,
      model: exactText,
      serial: exactText,
      wwid: exactText,
      transport: exactText,
      rotational: exactFlag,
    }),
  ),
  blockDevices: kind(
    'runtime',
    'BlockDevices.block',
    z.object({ type: text, major: count, minor: count, partitionNumber: count, parent: text, secondaries: texts }),
  ),
  /** A name that is no text must not look like a disk on which nothing was found. */
  discoveredVolumes: kind(
    'runtime',
    'DiscoveredVolumes.block',
    z.object({
      type: text,
      name: z.string().default(''),
      size: count,
      label: text,
      uuid: text,
      parent: text,
      partition_uuid: text,
      partition_label: text,
      partition_type: text,
      partition_index: z.int().optional().catch(undefined),
      /** Since v1.12. */
      offset: z.int().nonnegative().optional().catch(undefined),
    }),
  ),
  /** None: Talos is not installed. Strict, because one that cannot be read would look like none. */
  systemDisks: kind('runtime', 'SystemDisks.block', z.object({ diskID: z.string().min(1), devPath: text })),
  volumeStatuses: kind(
    'runtime',
    'VolumeStatuses.block',
    z.object({
      phase: text,
      type: text,
      location: text,
      mountLocation: text,
      parentLocation: text,
      uuid: text,
      partitionUUID: text,
      size: count,
      errorMessage: text,
    }),
  ),
  mountStatuses: kind(
    'runtime',
    'MountStatuses.block',
    z.object({ source: text, target: text, filesystem: text, readOnly: flag }),
  ),
  linkStatuses: kind(
    'network',
    'LinkStatuses.net',
    z.object({
      type: text,
      kind: z.string().catch(''),
      index: count,
      masterIndex: count,
      bondMaster: z.object({ mode: text }).optional().catch(undefined),
      alias: text,
      altNames: texts,
      hardwareAddr: text,
      permanentAddr: text,
      operationalState: text,
      linkState: flag,
      mtu: count,
      speedMbit: z.int().optional().catch(undefined),
      duplex: text,
      driver: text,
      busPath: text,
      vendor: text,
      product: text,
    }),
  ),
  addressStatuses: kind(
    'network',
    'AddressStatuses.net',
    z.object({ address: text, linkName: text, family: text, scope: text }),
  ),
  routeStatuses: kind(
    'network',
    'RouteStatuses.net',
    z.object({ family: text, dst: text, gateway: text, outLinkName: text, priority: count }),
  ),
  hostnameStatuses: kind('network', 'HostnameStatuses.net', z.object({ hostname: text, domainname: text })),
  nodeAddresses: kind('network', 'NodeAddresses.net', z.object({ addresses: texts })),
  resolverStatuses: kind('network', 'ResolverStatuses.net', z.object({ dnsServers: texts })),
  timeServerStatuses: kind('network', 'TimeServerStatuses.net', z.object({ timeServers: texts })),
  networkStatuses: kind(
    'network',
    'NetworkStatuses.net',
    z.object({ addressReady: flag, connectivityReady: flag, hostnameReady: flag, etcFilesReady: flag }),
  ),
  machineStatuses: kind(
    'runtime',
    'MachineStatuses.runtime',
    z.object({
      stage: z.string().catch('unknown'),
      status: z
        .object({
          ready: flag,
          unmetConditions: z.array(z.object({ name: z.string(), reason: z.string() })).catch([]),
        })
        .catch({ ready: false, unmetConditions: [] }),
    }),
  ),
  versions: kind('runtime', 'Versions.runtime', z.object({ version: text })),
  securityStates: kind(
    'runtime',
    'SecurityStates',
    z.object({ secureBoot: maybe, bootedWithUKI: maybe, selinuxState: text }),
  ),
  /** The extension named `schematic` is none: its version is the id of the schematic that the machine was booted with. */
  extensionStatuses: kind(
    'runtime',
    'ExtensionStatuses.runtime',
    z.object({
      image: text,
      metadata: z
        .object({ name: text, version: text, extraInfo: text })
        .catch({ name: undefined, version: undefined, extraInfo: undefined }),
    }),
  ),
  maintenanceServiceConfigs: kind(
    'runtime',
    'MaintenanceServiceConfigs.runtime',
    z.object({ listenAddress: text, reachableAddresses: texts }),
  ),
  platformMetadatas: kind('runtime', 'PlatformMetadatas', z.object({ platform: text, hostname: text })),
  /** The id is the key, such as `0x06`. */
  metaKeys: kind('runtime', 'MetaKeys.runtime', z.object({ value: text })),
  kernelParamStatuses: kind(
    'runtime',
    'KernelParamStatuses.runtime',
    z.object({ current: text, default: text, unsupported: flag }),
  ),
  loadedKernelModules: kind('runtime', 'LoadedKernelModules.runtime', z.object({ state: text, dependencies: texts })),
  kernelModuleStatuses: kind(
    'runtime',
    'KernelModuleStatuses.runtime',
    z.object({ type: text, state: text, dependencies: texts }),
    late,
  ),
  bootIds: kind('runtime', 'BootIDs.runtime', z.object({ bootID: text }), late),
  imageFactorySchematics: kind(
    'runtime',
    'ImageFactorySchematics.runtime',
    z.object({ schematicId: text, flavor: text, apiUrl: text }),
    late,
  ),
  unattendedInstallStatuses: kind(
    'runtime',
    'UnattendedInstallStatuses.runtime',
    z.object({ image: text, phase: text, error: text }),
    late,
  ),
  diagnostics: kind('runtime', 'Diagnostics.runtime', z.object({ message: text, details: texts })),
  bootedEntries: kind('runtime', 'BootedEntries', z.object({ bootedEntry: text })),
  /** Only services that run have one. */
  services: kind('runtime', 'Services.v1alpha1', z.object({ running: flag, healthy: flag, unknown: flag })),
  timeStatuses: kind('runtime', 'TimeStatuses.v1alpha1', z.object({ synced: flag, epoch: count, syncDisabled: flag })),
  members: kind(
    'cluster',
    'Members.cluster',
    z.object({
      nodeId: text,
      addresses: texts,
      hostname: text,
      machineType: text,
      operatingSystem: text,
      controlPlane: controlPlane,
    }),
  ),
  affiliates: kind(
    'cluster',
    'Affiliates.cluster',
    z.object({
      nodeId: text,
      addresses: texts,
      hostname: text,
      nodename: text,
      machineType: text,
      operatingSystem: text,
      controlPlane: controlPlane,
    }),
  ),
  clusterInfos: kind('cluster', 'Infos.cluster', z.object({ clusterId: text, clusterName: text })),
  identities: kind('cluster', 'Identities.cluster', z.object({ nodeId: text })),
  /** 16 hexadecimal digits. */
  etcdMembers: kind('etcd', 'EtcdMembers.etcd', z.object({ memberID: text })),
  etcdSpecs: kind('etcd', 'EtcdSpecs.etcd', z.object({ name: text, advertisedAddresses: texts, image: text })),
  nodenames: kind('k8s', 'Nodenames.kubernetes', z.object({ nodename: text })),
  nodeStatuses: kind(
    'k8s',
    'NodeStatuses.kubernetes',
    z.object({ nodename: text, nodeReady: flag, unschedulable: flag, labels: labels, annotations: labels }),
  ),
  manifestStatuses: kind('controlplane', 'ManifestStatuses.kubernetes', z.object({ manifestsApplied: texts })),
  secretStatuses: kind('controlplane', 'SecretStatuses.kubernetes', z.object({ ready: flag, version: text })),
  /** What the kubelet was started with. */
  kubeletSpecs: kind('k8s', 'KubeletSpecs.kubernetes', z.object({ image: text, args: texts, expectedNodename: text }), {
    sensitive: '1.12',
  }),
  /** What the kubelet is to run; the spec is the Pod itself. */
  staticPods: kind(
    'k8s',
    'StaticPods.kubernetes',
    z.looseObject({
      metadata: z.looseObject({ name: text, namespace: text }).catch({ name: undefined, namespace: undefined }),
    }),
  ),
  /** Id `NAMESPACE/NAME-NODE`; the spec is the status of the Pod. */
  staticPodStatuses: kind(
    'k8s',
    'StaticPodStatuses.kubernetes',
    z.looseObject({
      phase: text,
      conditions: z.array(z.looseObject({ type: text, status: text, reason: text, message: text })).catch([]),
    }),
  ),
  /** Id `v1alpha1`: the config in use, all its documents as one text. */
  machineConfigs: kind('config', 'MachineConfigs.config', z.string(), secret),
  /** Id `machine-type`. */
  machineTypes: kind('config', 'MachineTypes.config', z.string()),
} as const satisfies Record<string, TypedKind>;
