import type { z } from 'zod';
import type { DiskVolume } from '../core/machine.ts';
import type { resourceKinds } from './resource-kinds.ts';

interface Discovered {
  /** Kernel name. */
  readonly id: string;
  readonly spec: z.output<typeof resourceKinds.discoveredVolumes.spec>;
}

/**
 * What lies where on a disk, as exactly as its Talos tells: the bytes themselves nobody may read in maintenance mode, and on
 * a configured machine Talos gives out regular files only. A disk on which nothing was recognised has none.
 */
export function layoutOf(disk: string, volumes: readonly Discovered[]): readonly DiskVolume[] {
  return volumes
    .filter(({ id, spec }) => spec.parent === disk || (id === disk && spec.name !== ''))
    .map(({ id, spec }): DiskVolume => {
      const { name, uuid, label, offset, size, parent, partition_index: index = 0 } = spec;
      const { partition_uuid: partitionUuid, partition_type: type, partition_label: partitionLabel } = spec;
      return {
        on: id,
        ...(name === '' ? {} : { format: name }),
        ...(uuid === undefined ? {} : { uuid }),
        ...(label === undefined ? {} : { label }),
        ...(offset === undefined ? {} : { offsetBytes: offset }),
        sizeBytes: size,
        ...(parent === undefined
          ? {}
          : {
              partition: {
                index,
                ...(partitionUuid === undefined ? {} : { uuid: partitionUuid }),
                ...(type === undefined ? {} : { type }),
                ...(partitionLabel === undefined ? {} : { label: partitionLabel }),
              },
            }),
      };
    })
    .sort((a, b) => a.on.localeCompare(b.on, 'en', { numeric: true }));
}
