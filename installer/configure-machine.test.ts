import { describe, expect, it } from 'vitest';
import { parseMac } from '../core/mac-address.ts';
import type { Disk, TalosObservation } from '../core/machine.ts';
import type { TalosClient } from '../talos/index.ts';
import { type ConfigureMachine, configureMachine } from './configure-machine.ts';
import type { DiskId } from './resolve-disk.ts';

const disk = (name: string, serial: string): Disk => ({
  name,
  serial,
  path: `/dev/${name}`,
  sizeBytes: 1n,
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
});
const job = (approved: string | undefined, ...disks: Disk[]): ConfigureMachine => ({
  spec: {} as ConfigureMachine['spec'],
  entry: {
    name: 'cp-1',
    role: 'controlplane',
    mac: parseMac('52:54:00:00:00:01')!,
    address: '10.0.0.11',
    disk: { serial: 'S1' },
  },
  observation: { address: '10.0.0.200', links: [], addresses: [], disks } as unknown as TalosObservation,
  secrets: {} as ConfigureMachine['secrets'],
  approved: approved as DiskId | undefined,
});

describe('configureMachine', () => {
  it.each<[string, ConfigureMachine]>([
    ['nobody approved a disk', job(undefined, disk('sda', 'S1'))],
    ['another disk was approved', job('serial S2', disk('sda', 'S1'))],
    ['the approved disk is gone', job('serial S1', disk('sda', 'S2'))],
    ['two disks carry the serial', job('serial S1', disk('sda', 'S1'), disk('sdb', 'S1'))],
  ])('sends nothing when %s', async (_what, unsafe) => {
    const sent: string[] = [];
    const client = {
      applyConfiguration: async ({ config }: { config: string }) => sent.push(config),
    } as unknown as TalosClient;
    await expect(configureMachine(unsafe, client, new AbortController().signal)).rejects.toMatchObject({
      code: 'installer/disk-changed',
    });
    expect(sent).toEqual([]);
  });

  it('sends nothing when nobody can tell which link is to have the address', async () => {
    const client = { applyConfiguration: () => Promise.reject(new Error('sent')) };
    const unsafe = job('serial S1', disk('sda', 'S1'));
    await expect(configureMachine(unsafe, client, new AbortController().signal)).rejects.toMatchObject({
      code: 'installer/no-link',
    });
  });
});
