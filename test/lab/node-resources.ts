import { diskResources } from './disk-resources.ts';
import { linkResources } from './link-resources.ts';
import { type NodeResource, resource } from './node-resource.ts';
import type { NodeView } from './talos-host.ts';

/** Everything that the node shows right now, keys spelled as in Talos' own YAML. */
export function resourcesOf(node: NodeView): readonly NodeResource[] {
  const { machine, disks } = node.host;
  const systemDisk = disks.find((disk) => disk.install !== undefined);
  return [
    resource('hardware', 'SystemInformations.hardware.talos.dev', 'systeminformation', {
      manufacturer: 'Rackwright',
      productName: 'Simulated server',
      version: '1',
      serialnumber: `SIM-${machine.name}`,
      uuid: machine.uuid,
    }),
    ...hardwareResources(),
    ...linkResources(node),
    resource('network', 'HostnameStatuses.net.talos.dev', 'hostname', { hostname: node.hostname, domainname: '' }),
    ...diskResources(disks),
    ...(systemDisk === undefined
      ? []
      : [
          resource('runtime', 'SystemDisks.block.talos.dev', 'system-disk', {
            diskID: systemDisk.hardware.name,
            devPath: systemDisk.hardware.path,
          }),
        ]),
    resource('runtime', 'MachineStatuses.runtime.talos.dev', 'machine', {
      stage: node.stage,
      status: { ready: node.unmet.length === 0, unmetConditions: node.unmet },
    }),
    resource('runtime', 'Versions.runtime.talos.dev', 'version', { name: 'Talos', version: node.version }),
    resource('runtime', 'SecurityStates.talos.dev', 'securitystate', { secureBoot: false, bootedWithUKI: true }),
    ...(node.config === undefined || systemDisk?.install?.schematic === undefined
      ? []
      : [
          resource('runtime', 'ExtensionStatuses.runtime.talos.dev', '0', {
            image: '',
            metadata: { name: 'schematic', version: systemDisk.install.schematic, author: 'Image Factory' },
          }),
        ]),
    resource('runtime', 'TimeStatuses.v1alpha1.talos.dev', 'node', {
      synced: node.host.time.isInSync,
      epoch: node.host.time.epoch,
      syncDisabled: false,
    }),
    resource('config', 'MachineTypes.config.talos.dev', 'machine-type', node.config?.type ?? 'unknown'),
    ...node.services
      .values()
      .filter((service) => service.state === 'Running')
      .map(({ id, healthy }) =>
        resource('runtime', 'Services.v1alpha1.talos.dev', id, {
          running: true,
          healthy: healthy === true,
          unknown: healthy === undefined,
        }),
      ),
    ...(node.etcdMemberId === undefined
      ? []
      : [
          resource('etcd', 'EtcdMembers.etcd.talos.dev', 'local', {
            memberID: node.etcdMemberId.toString(16).padStart(16, '0'),
          }),
        ]),
    ...(node.config === undefined
      ? []
      : [
          resource('config', 'MachineConfigs.config.talos.dev', 'v1alpha1', node.config.text),
          resource('k8s', 'Nodenames.kubernetes.talos.dev', 'nodename', {
            nodename: node.hostname,
            hostnameVersion: '1',
            skipNodeRegistration: false,
          }),
        ]),
  ];
}

/** One processor, and two of four memory slots filled. */
function hardwareResources(): readonly NodeResource[] {
  const modules = ['A1', 'A2', 'B1', 'B2'].map((slot, index) =>
    resource('hardware', 'MemoryModules.hardware.talos.dev', `DIMM${slot}`, {
      sizeMiB: index % 2 === 0 ? 32_768 : 0,
      deviceLocator: `DIMM${slot}`,
      speed: index % 2 === 0 ? 4800 : 0,
      ...(index % 2 === 0 ? { manufacturer: 'Micron', productName: 'MTC20C2085S1EC48BA1' } : {}),
    }),
  );
  return [
    resource('hardware', 'Processors.hardware.talos.dev', 'CPU1', {
      socket: 'CPU1',
      manufacturer: 'AMD',
      productName: 'AMD EPYC 9124 16-Core Processor',
      maxSpeedMhz: 3700,
      coreCount: 16,
      coreEnabled: 16,
      threadCount: 32,
    }),
    ...modules,
  ];
}
