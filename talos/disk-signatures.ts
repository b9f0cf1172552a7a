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
export function signaturesOn(
  disk: string,
  volumes: readonly DiscoveredVolume[],
  devices: readonly BlockDevice[],
): readonly string[] | undefined {
  if (!volumes.some(({ id }) => id === disk)) return undefined;
  const whole = volumes.filter(({ id, name }) => id === disk && name !== '').map(({ name }) => name);
  const probed = volumes.filter(({ parent }) => parent === disk);
  const unprobed = devices
    .filter(({ id, parent }) => parent === disk && !probed.some((volume) => volume.id === id))
    .map(({ id }): DiscoveredVolume => ({ id, name: '' }));
  const partitions = [...probed, ...unprobed]
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map(({ id, name, partitionLabel }) => {
      const label = partitionLabel ? ` (${partitionLabel})` : '';
      return `${name || 'unknown'} on ${id}${label}`;
    });
  const users = devices.find(({ id }) => id === disk)?.secondaries.map((user) => `used by ${user}`) ?? [];
  return [...whole, ...partitions, ...users];
}
