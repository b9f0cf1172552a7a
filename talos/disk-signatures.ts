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

/** What is on the disk, for the eyes of the operator who is about to lose it; empty when it is blank. */
export function signaturesOn(disk: string, volumes: readonly DiscoveredVolume[]): readonly string[] {
  const whole = volumes.filter(({ id, name }) => id === disk && name !== '').map(({ name }) => name);
  const partitions = volumes
    .filter(({ parent }) => parent === disk)
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
    .map(({ id, name, partitionLabel }) => {
      const label = partitionLabel ? ` (${partitionLabel})` : '';
      return `${name || 'unknown'} on ${id}${label}`;
    });
  return [...whole, ...partitions];
}
