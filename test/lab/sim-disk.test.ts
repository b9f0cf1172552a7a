import { describe, expect, it } from 'vitest';
import { SimDisk } from './sim-disk.ts';

const blank = {
  name: 'nvme0n1',
  path: '/dev/nvme0n1',
  serial: 'S1',
  model: 'TEST',
  sizeBytes: 480n * 10n ** 9n,
  transport: 'nvme',
  rotational: false,
};

describe('SimDisk', () => {
  it('loses what was on it when Talos is installed, and the etcd data of an earlier install too', () => {
    const disk = new SimDisk({ ...blank, signatures: [{ partition: 0, name: 'lvm2-pv' }] });
    disk.writeTalos('v1.13.9', 'first');
    disk.install!.etcd = { clusterId: 1n, memberId: 2n };
    disk.writeTalos('v1.13.9', 'second');
    expect(disk.signatures.map((one) => one.name)).not.toContain('lvm2-pv');
    expect(disk.install).toEqual({ version: 'v1.13.9', config: 'second', etcd: undefined });
    expect(disk.wipes).toBe(2);
  });

  it('names partitions as the kernel does', () => {
    expect(new SimDisk({ ...blank, signatures: [] }).partitionName(3)).toBe('nvme0n1p3');
    expect(new SimDisk({ ...blank, name: 'sda', signatures: [] }).partitionName(3)).toBe('sda3');
  });
});
