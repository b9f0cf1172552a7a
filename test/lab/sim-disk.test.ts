import { describe, expect, it } from 'vitest';
import { installBeside, SimDisk, swapBootEntries } from './sim-disk.ts';

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
    expect(disk.install).toMatchObject({ version: 'v1.13.9', config: 'second', etcd: undefined });
    expect(disk.wipes).toBe(2);
  });

  it('names partitions as the kernel does', () => {
    expect(new SimDisk({ ...blank, signatures: [] }).partitionName(3)).toBe('nvme0n1p3');
    expect(new SimDisk({ ...blank, name: 'sda', signatures: [] }).partitionName(3)).toBe('sda3');
  });

  it('starts one of two systems after an upgrade, and the other one after a rollback', () => {
    const disk = new SimDisk({ ...blank, signatures: [] });
    disk.writeTalos('v1.13.8', 'config');
    const install = disk.install!;
    expect(swapBootEntries(install)).toBe(false);
    installBeside(install, 'v1.13.9');
    expect(install).toMatchObject({ version: 'v1.13.9', previous: 'v1.13.8', isUnproven: true });
    expect(swapBootEntries(install)).toBe(true);
    expect(install).toMatchObject({ version: 'v1.13.8', previous: 'v1.13.9', isUnproven: false });
  });

  it('loses single partitions, or everything', () => {
    const disk = new SimDisk({ ...blank, signatures: [] });
    disk.writeTalos('v1.13.9', 'config');
    disk.install!.etcd = { clusterId: 1n, memberId: 2n };
    disk.erasePartition('EPHEMERAL');
    expect(disk.install).toMatchObject({ config: 'config', etcd: undefined });
    disk.erasePartition('STATE');
    expect(disk.install).toMatchObject({ version: 'v1.13.9', config: undefined });
    disk.erase();
    expect([disk.install, disk.signatures]).toEqual([undefined, []]);
  });
});
