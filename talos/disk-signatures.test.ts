import { describe, expect, it } from 'vitest';
import { type BlockDevice, contentsOf, type DiscoveredVolume, leftoversOn, renderContent } from './disk-signatures.ts';

const signaturesOn = (disk: string, volumes: readonly DiscoveredVolume[], devices: readonly BlockDevice[]) =>
  contentsOf(disk, volumes, devices)?.map((content) => renderContent(disk, content));

describe('contentsOf', () => {
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

describe('the kinds of what is on a disk', () => {
  it.each([
    ['gpt', 'partition-table'],
    ['extfs', 'filesystem'],
    ['xfs', 'filesystem'],
    ['lvm2-pv', 'lvm'],
    ['linux_raid_member', 'md'],
    ['zfs', 'zfs'],
    ['bluestore', 'ceph'],
    ['luks', 'luks'],
    ['swap', 'swap'],
    ['talosmeta', 'talos'],
    ['a format of a later Talos', 'other'],
  ])('%s is %s', (name, kind) => {
    expect(contentsOf('sda', [{ id: 'sda', name }], [])).toEqual([{ kind, on: 'sda', format: name }]);
  });

  it.each([
    ['md127', 'md'],
    ['drbd1000', 'drbd'],
    ['dm-0', 'device-mapper'],
    ['bcache0', 'other'],
  ])('a device that %s is made of is %s, also when Talos recognises nothing', (user, kind) => {
    const devices = [
      { id: 'sda', secondaries: [] },
      { id: 'sda1', parent: 'sda', secondaries: [user] },
    ];
    const contents = contentsOf('sda', [{ id: 'sda', name: '' }], devices);
    expect(contents).toEqual([
      { kind: 'unknown', on: 'sda1' },
      { kind, on: 'sda1', user },
    ]);
    expect(contents?.map((content) => renderContent('sda', content))).toEqual([
      'unknown on sda1',
      `sda1 used by ${user}`,
    ]);
  });
});

describe('leftoversOn', () => {
  const on = (...labels: string[]) =>
    labels.map((label, index) => ({ kind: 'filesystem' as const, on: `sda${index + 1}`, format: 'xfs', label }));

  it("tells the partitions of an old Talos, and which may hold an old cluster's etcd", () => {
    expect(leftoversOn('sda', on('EFI', 'META', 'STATE', 'EPHEMERAL', 'u-data'))).toEqual([
      { disk: 'sda', partition: 'sda1', label: 'EFI', mayHold: 'boot files' },
      { disk: 'sda', partition: 'sda2', label: 'META', mayHold: 'metadata' },
      { disk: 'sda', partition: 'sda3', label: 'STATE', mayHold: 'machine config' },
      { disk: 'sda', partition: 'sda4', label: 'EPHEMERAL', mayHold: 'etcd and containers' },
      { disk: 'sda', partition: 'sda5', label: 'u-data', mayHold: 'user data' },
    ]);
  });

  it("does not take another system's boot partition for one of Talos", () => {
    expect(leftoversOn('sda', on('EFI', 'rootfs'))).toEqual([]);
  });
});
