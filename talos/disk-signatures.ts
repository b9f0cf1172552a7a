import type { DiskContent, Leftover } from '../core/machine.ts';

/** A volume that Talos discovered: a whole disk, or a partition of one. */
export interface DiscoveredVolume {
  /** Kernel name. */
  readonly id: string;
  /** What is on it: `gpt`, `xfs`, `lvm2-pv` …; empty when Talos recognised nothing. */
  readonly name: string;
  /** Kernel name of the disk that a partition is on. */
  readonly parent?: string;
  readonly partitionLabel?: string;
}

/** A block device as the kernel has it, whether or not anybody recognised what is on it. */
export interface BlockDevice {
  /** Kernel name. */
  readonly id: string;
  readonly parent?: string;
  /** Devices that are made of this one: device mapper, RAID. */
  readonly secondaries: readonly string[];
}

/**
 * What is on the disk, for the eyes of the operator who is about to lose it; empty when it is blank, `undefined` when it
 * was not probed (yet). Talos knows the partitions of a GPT and a dozen formats only, so a partition or a user of the disk
 * that the kernel alone knows counts too: a disk with an old MBR is not blank.
 */
export function contentsOf(
  disk: string,
  volumes: readonly DiscoveredVolume[],
  devices: readonly BlockDevice[],
): readonly DiskContent[] | undefined {
  if (!volumes.some(({ id }) => id === disk)) return undefined;
  const whole = volumes.filter(({ id, name }) => id === disk && name !== '');
  const probed = volumes.filter(({ parent }) => parent === disk);
  const unprobed = devices
    .filter(({ id, parent }) => parent === disk && !probed.some((volume) => volume.id === id))
    .map(({ id }): DiscoveredVolume => ({ id, name: '' }));
  const partitions = [...probed, ...unprobed].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  const users = devices
    .filter(({ id, parent }) => id === disk || parent === disk)
    .flatMap(({ id, secondaries }) =>
      secondaries.map((user): DiskContent => ({ kind: kindOfUser(user), on: id, user })),
    );
  return [
    ...whole.map(({ id, name }): DiskContent => ({ kind: kindOfFormat(name), on: id, format: name })),
    ...partitions.map(
      ({ id, name, partitionLabel }): DiskContent => ({
        kind: kindOfFormat(name),
        on: id,
        ...(name === '' ? {} : { format: name }),
        ...(partitionLabel ? { label: partitionLabel } : {}),
      }),
    ),
    ...users,
  ];
}

/** One content in words: `gpt`, `xfs on sda4 (EPHEMERAL)`, `used by md0`. */
export function renderContent(disk: string, { on, format, label, user }: DiskContent): string {
  if (user !== undefined) return on === disk ? `used by ${user}` : `${on} used by ${user}`;
  const words = format ?? 'unknown';
  return on === disk ? words : `${words} on ${on}${label === undefined ? '' : ` (${label})`}`;
}

/** Names of go-blockdevice, which Talos probes with; 1.14 also knows btrfs, members of md arrays, and VMFS. */
function kindOfFormat(format: string): DiskContent['kind'] {
  switch (format) {
    case '':
      return 'unknown';
    case 'gpt':
      return 'partition-table';
    case 'lvm2-pv':
      return 'lvm';
    case 'linux_raid_member':
      return 'md';
    case 'zfs':
      return 'zfs';
    case 'bluestore':
      return 'ceph';
    case 'luks':
      return 'luks';
    case 'swap':
      return 'swap';
    case 'talosmeta':
      return 'talos';
    case 'extfs':
    case 'ext2':
    case 'ext3':
    case 'ext4':
    case 'xfs':
    case 'vfat':
    case 'btrfs':
    case 'iso9660':
    case 'squashfs':
    case 'vmfs':
    case 'vmfs_volume_member':
      return 'filesystem';
    default:
      return 'other';
  }
}

/** The kernel's names for devices that are made of others. */
function kindOfUser(user: string): DiskContent['kind'] {
  if (/^md(\d|_)/.test(user)) return 'md';
  if (/^drbd\d/.test(user)) return 'drbd';
  if (/^dm-\d/.test(user)) return 'device-mapper';
  return 'other';
}

const purposes: Readonly<Record<string, Leftover['mayHold']>> = {
  META: 'metadata',
  STATE: 'machine config',
  EPHEMERAL: 'etcd and containers',
  ETCD: 'etcd and containers',
  IMAGECACHE: 'images',
};
const bootPartitions: ReadonlySet<string> = new Set(['EFI', 'BIOS', 'BOOT']);

/**
 * What an install of Talos left on a disk, told by the labels that Talos gives its partitions. Those of its boot
 * partitions are in use elsewhere too, and count only beside one of its own. What is inside cannot be read in
 * maintenance mode: a partition that holds etcd when it is one of a control plane may hold an old etcd.
 */
export function leftoversOn(disk: string, contents: readonly DiskContent[]): readonly Leftover[] {
  const labelled = contents.flatMap(({ on, label }) => (label === undefined ? [] : [{ on, label }]));
  const isTalos = labelled.some(({ label }) => purposes[label] !== undefined);
  return labelled.flatMap(({ on, label }): Leftover[] => {
    const mayHold =
      purposes[label] ??
      (isTalos && bootPartitions.has(label) ? 'boot files' : /^[ursex]-./.test(label) ? 'user data' : undefined);
    return mayHold === undefined ? [] : [{ disk, partition: on, label, mayHold }];
  });
}
