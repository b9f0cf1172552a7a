import { describe, expect, it } from 'vitest';
import { layoutOf } from './disk-layout.ts';
import { resourceKinds } from './resource-kinds.ts';

const volume = (id: string, spec: object) => ({ id, spec: resourceKinds.discoveredVolumes.spec.parse(spec) });
const efi = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const volumes = [
  volume('sda', { name: 'gpt', uuid: 'disk-guid', size: 480_103_981_056, offset: 0 }),
  volume('sda10', { parent: 'sda', name: 'lvm2-pv', uuid: 'pv-uuid', size: 9, partition_index: 10, offset: 4096 }),
  volume('sda2', {
    ...{ parent: 'sda', name: 'vfat', label: 'EFI', size: 5, offset: 1_048_576 },
    ...{ partition_index: 2, partition_uuid: 'part-uuid', partition_type: efi, partition_label: 'esp' },
  }),
  volume('sdb', { name: '', size: 1 }),
  volume('sdc1', { parent: 'sdc', name: '', size: 7, partition_index: 1 }),
];

describe('layoutOf', () => {
  it('tells of each partition what would be needed to make it again, in the order of their numbers', () => {
    expect(layoutOf('sda', volumes)).toEqual([
      { on: 'sda', format: 'gpt', uuid: 'disk-guid', offsetBytes: 0, sizeBytes: 480_103_981_056 },
      {
        ...{ on: 'sda2', format: 'vfat', label: 'EFI', offsetBytes: 1_048_576, sizeBytes: 5 },
        partition: { index: 2, uuid: 'part-uuid', type: efi, label: 'esp' },
      },
      { on: 'sda10', format: 'lvm2-pv', uuid: 'pv-uuid', offsetBytes: 4096, sizeBytes: 9, partition: { index: 10 } },
    ]);
  });

  it('keeps a partition in which nobody recognised anything, and says no place where Talos v1.11 tells none', () => {
    expect(layoutOf('sdc', volumes)).toEqual([{ on: 'sdc1', sizeBytes: 7, partition: { index: 1 } }]);
    expect(layoutOf('sdb', volumes)).toEqual([]);
  });
});
