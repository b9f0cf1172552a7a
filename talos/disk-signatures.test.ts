import { describe, expect, it } from 'vitest';
import { signaturesOn } from './disk-signatures.ts';

describe('signaturesOn', () => {
  const volumes = [
    { id: 'sda', name: 'gpt' },
    { id: 'sda10', name: '', parent: 'sda' },
    { id: 'sda4', name: 'xfs', parent: 'sda', partitionLabel: 'EPHEMERAL' },
    { id: 'sdb', name: '' },
    { id: 'sdc', name: 'lvm2-pv' },
    { id: 'sdaa', name: 'luks' },
  ];

  it('names what is on the disk itself and on its partitions, in their order', () => {
    expect(signaturesOn('sda', volumes, [])).toEqual(['gpt', 'xfs on sda4 (EPHEMERAL)', 'unknown on sda10']);
    expect(signaturesOn('sdc', volumes, [])).toEqual(['lvm2-pv']);
  });

  it('is empty for a blank disk, and unknown for one that was not probed', () => {
    expect(signaturesOn('sdb', volumes, [{ id: 'sdb', secondaries: [] }])).toEqual([]);
    expect(signaturesOn('sdd', volumes, [{ id: 'sdd', secondaries: [] }])).toBeUndefined();
  });

  it('does not take a disk for blank that only the kernel knows to be in use', () => {
    const devices = [
      { id: 'sdb', secondaries: ['md0'] },
      { id: 'sdb1', parent: 'sdb', secondaries: [] },
      { id: 'sda4', parent: 'sda', secondaries: [] },
    ];
    expect(signaturesOn('sdb', volumes, devices)).toEqual(['unknown on sdb1', 'used by md0']);
    expect(signaturesOn('sda', volumes, devices)).toEqual(signaturesOn('sda', volumes, []));
  });
});
