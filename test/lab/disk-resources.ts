import { type NodeResource, resource } from './node-resource.ts';
import type { SimDisk } from './sim-disk.ts';

/** The disks, what is found on them, and a loop device such as Talos has for its root file system. */
export function diskResources(disks: readonly SimDisk[]): NodeResource[] {
  return [
    ...disks.map((disk) => resource('runtime', 'Disks.block.talos.dev', disk.hardware.name, diskSpec(disk))),
    resource('runtime', 'Disks.block.talos.dev', 'loop0', {
      dev_path: '/dev/loop0',
      size: 78_643_200,
      pretty_size: '79 MB',
      io_size: 512,
      sector_size: 512,
      readonly: true,
      cdrom: false,
      bus_path: '/virtual',
      sub_system: '/sys/class/block',
    }),
    ...disks.flatMap(blockDevices),
    ...disks.flatMap(volumes),
  ];
}

function diskSpec({ hardware }: SimDisk): object {
  return {
    dev_path: hardware.path,
    size: hardware.sizeBytes,
    pretty_size: `${hardware.sizeBytes / 10n ** 9n} GB`,
    io_size: 4096,
    sector_size: 512,
    readonly: false,
    cdrom: false,
    model: hardware.model,
    ...(hardware.serial === undefined ? {} : { serial: hardware.serial }),
    ...(hardware.wwid === undefined ? {} : { wwid: hardware.wwid }),
    bus_path: `/pci0000:00/${hardware.name}`,
    sub_system: '/sys/class/block',
    transport: hardware.transport,
    ...(hardware.rotational ? { rotational: true } : {}),
  };
}

/** What the kernel has of the disk: itself and its partitions, with whatever is on them. */
function blockDevices(disk: SimDisk): NodeResource[] {
  const { name } = disk.hardware;
  const device = (id: string, spec: object) =>
    resource('runtime', 'BlockDevices.block.talos.dev', id, { major: 259, minor: 0, generation: 1, ...spec });
  const numbers = new Set(disk.signatures.map(({ partition }) => partition).filter((partition) => partition > 0));
  return [
    device(name, { type: 'disk', device_path: `/pci0000:00/${name}` }),
    ...[...numbers].map((partition) =>
      device(disk.partitionName(partition), { type: 'partition', parent: name, partitionNumber: partition }),
    ),
  ];
}

/** The disk itself and its partitions, each with what is found on it; a disk with nothing on it is listed too. */
function volumes(disk: SimDisk): NodeResource[] {
  const { hardware } = disk;
  const whole = disk.signatures.find((signature) => signature.partition === 0);
  const volume = (id: string, spec: object) =>
    resource('runtime', 'DiscoveredVolumes.block.talos.dev', id, { dev_path: `/dev/${id}`, ...spec });
  return [
    volume(hardware.name, {
      type: 'disk',
      device_path: `/pci0000:00/${hardware.name}`,
      offset: 0,
      size: hardware.sizeBytes,
      pretty_size: `${hardware.sizeBytes / 10n ** 9n} GB`,
      name: whole?.name ?? '',
    }),
    ...disk.signatures
      .filter((signature) => signature.partition > 0)
      .map((signature) =>
        volume(disk.partitionName(signature.partition), {
          type: 'partition',
          device_path: `/pci0000:00/${hardware.name}/${disk.partitionName(signature.partition)}`,
          parent: hardware.name,
          parent_dev_path: hardware.path,
          offset: 1_048_576,
          size: signature.sizeBytes ?? hardware.sizeBytes / 2n,
          pretty_size: '',
          name: signature.name,
          ...(signature.partitionLabel === undefined ? {} : { partition_label: signature.partitionLabel }),
          partition_index: signature.partition,
        }),
      ),
  ];
}
