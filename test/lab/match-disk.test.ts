import { describe, expect, it } from 'vitest';
import { matchDisk, parseDiskWish } from './match-disk.ts';
import type { DiskScenario } from './scenario.ts';

const disk = (name: string, more: Partial<DiskScenario>): { hardware: DiskScenario } => ({
  hardware: {
    name,
    path: `/dev/${name}`,
    model: 'MODEL',
    sizeBytes: 480_000_000_000n,
    transport: 'nvme',
    rotational: false,
    signatures: [],
    ...more,
  },
});
const disks = [
  disk('loop0', { transport: '', serial: 'A1' }),
  disk('nvme0n1', { serial: 'A1' }),
  disk('nvme1n1', { serial: 'A2', sizeBytes: 4_000_000_000_000n }),
  disk('sda', { serial: 'B1', transport: 'sata', rotational: true }),
];
const find = (install: Parameters<typeof parseDiskWish>[0]) => {
  const wish = parseDiskWish(install);
  return 'problem' in wish ? wish.problem : matchDisk(wish, disks)?.hardware.name;
};

describe('the install disk', () => {
  it('is found by path, serial, glob, size and type', () => {
    expect(find({ disk: '/dev/sda' })).toBe('sda');
    expect(find({ diskSelector: { serial: 'A2' } })).toBe('nvme1n1');
    expect(find({ diskSelector: { serial: 'B*' } })).toBe('sda');
    expect(find({ diskSelector: { size: '>= 1TB' } })).toBe('nvme1n1');
    expect(find({ diskSelector: { type: 'hdd' } })).toBe('sda');
  });

  it('is the first that fits, never a loop device, and the selector beats the path', () => {
    expect(find({ diskSelector: { serial: 'A*' }, disk: '/dev/sda' })).toBe('nvme0n1');
  });

  it('is nothing when all terms together fit no disk', () => {
    expect(find({ diskSelector: { serial: 'A1', type: 'hdd' } })).toBeUndefined();
    expect(find({ disk: '/dev/sdz' })).toBeUndefined();
  });

  it('must be asked for in words that Talos knows', () => {
    expect(find({})).toContain('required');
    expect(find({ diskSelector: { name: 'sda' } })).toContain('not supported');
    expect(find({ diskSelector: { size: 'big' } })).toContain('bad size');
  });
});
