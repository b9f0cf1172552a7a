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
    expect(signaturesOn('sda', volumes)).toEqual(['gpt', 'xfs on sda4 (EPHEMERAL)', 'unknown on sda10']);
    expect(signaturesOn('sdc', volumes)).toEqual(['lvm2-pv']);
  });

  it('is empty for a blank disk and for one that was not probed', () => {
    expect(signaturesOn('sdb', volumes)).toEqual([]);
    expect(signaturesOn('sdd', volumes)).toEqual([]);
  });
});
