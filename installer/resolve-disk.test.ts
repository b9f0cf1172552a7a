import { describe, expect, it } from 'vitest';
import type { Disk } from '../core/machine.ts';
import { resolveDisk, storageDisks } from './resolve-disk.ts';

const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  path: `/dev/${name}`,
  sizeBytes: 960_197_124_096n,
  model: 'SAMSUNG MZQL2960',
  serial: `S-${name}`,
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
  ...more,
});

describe('resolveDisk', () => {
  it('finds the one disk with a serial', () => {
    expect(resolveDisk({ serial: 'S-nvme1n1' }, [disk('nvme0n1'), disk('nvme1n1')])).toMatchObject({
      kind: 'one',
      id: 'serial S-nvme1n1',
      disk: { name: 'nvme1n1' },
    });
  });

  it('refuses to choose between two disks that fit', () => {
    const resolution = resolveDisk({ model: 'SAMSUNG MZQL2960' }, [disk('nvme0n1'), disk('nvme1n1')]);
    expect(resolution).toMatchObject({ kind: 'several', disks: [{ name: 'nvme0n1' }, { name: 'nvme1n1' }] });
  });

  it('says when no disk fits', () => {
    expect(resolveDisk({ serial: 'S-nvme9n1' }, [disk('nvme0n1')]).kind).toBe('none');
  });

  it('asks every wish of the selector to hold', () => {
    const disks = [disk('sda', { transport: 'sata', sizeBytes: 480_000_000_000n }), disk('nvme0n1')];
    expect(resolveDisk({ minSizeGB: 500 }, disks)).toMatchObject({ disk: { name: 'nvme0n1' } });
    expect(resolveDisk({ maxSizeGB: 480 }, disks)).toMatchObject({ disk: { name: 'sda' } });
    expect(resolveDisk({ transport: 'sata', minSizeGB: 500 }, disks).kind).toBe('none');
  });

  it('never takes a read-only disk or one that is not physical', () => {
    const { transport: _, ...loop } = disk('loop0');
    expect(resolveDisk({ minSizeGB: 1 }, [disk('sr0', { readOnly: true }), loop]).kind).toBe('none');
  });

  it('goes by the WWID where serials are equal or absent, and refuses a disk that nothing tells from the others', () => {
    const twins = [disk('sda', { serial: 'S', wwid: 'eui.1' }), disk('sdb', { serial: 'S', wwid: 'eui.2' })];
    expect(resolveDisk({ wwid: 'eui.2' }, twins)).toMatchObject({ kind: 'one', id: 'wwid eui.2' });
    const { serial: _, ...bare } = disk('sdc');
    expect(resolveDisk({ transport: 'nvme' }, [bare]).kind).toBe('nameless');
    expect(resolveDisk({ serial: 'S' }, twins).kind).toBe('several');
  });
});

describe('storage disks', () => {
  it('are never the install disk, though its selector fits them', () => {
    const disks = [disk('nvme0n1'), disk('nvme1n1'), disk('nvme2n1')];
    const except = [{ serial: 'S-nvme1n1' }, { serial: 'S-nvme2n1' }];
    expect(resolveDisk({ transport: 'nvme', except }, disks)).toMatchObject({ kind: 'one', disk: { name: 'nvme0n1' } });
    expect(resolveDisk({ serial: 'S-nvme1n1', except }, disks)).toMatchObject({ kind: 'none' });
    expect(storageDisks(except, disks).map(({ name }) => name)).toEqual(['nvme1n1', 'nvme2n1']);
  });
});
