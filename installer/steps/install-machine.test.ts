import { describe, expect, it } from 'vitest';
import { inMaintenance } from '../../core/in-maintenance.fixture.ts';
import { parseMac } from '../../core/mac-address.ts';
import type { Disk, TalosObservation } from '../../core/machine.ts';
import { seconds } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import type { StepPast } from '../../core/step.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import type { DiskId } from '../resolve-disk.ts';
import { installMachine } from './install-machine.ts';

const entry: MachineSpec = {
  name: 'cp-1',
  role: 'controlplane',
  mac: parseMac('52:54:00:00:00:01')!,
  address: '10.0.0.11',
  disk: { serial: 'S1' },
};
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
const maintenance: TalosObservation = {
  address: '10.0.0.200',
  ...inMaintenance,
  bootMark: 'boot-1',
  links: [{ name: 'eth0', mac: parseMac('52:54:00:00:00:01')!, isUp: true, isPhysical: true }],
  disks: [disk('sda', 'S1'), disk('sdb', 'S2')],
};
const configured: TalosObservation = {
  ...maintenance,
  address: '10.0.0.11',
  mode: 'configured',
  stage: 'booting',
  bootMark: 'boot-2',
  systemDisk: 'sda',
};
const never: StepPast = { uncertain: false, confirmed: false };
const begun: StepPast = { uncertain: true, confirmed: false, memory: { bootMark: 'boot-1', disk: 'serial S1' } };

function step(
  observation: TalosObservation,
  more: { approved?: string; clock?: VirtualClock; schematic?: string } = {},
) {
  const configuredAs: string[] = [];
  let now = observation;
  const { check, apply } = installMachine({
    entry,
    talosVersion: 'v1.13.9',
    ...(more.schematic === undefined ? {} : { schematic: more.schematic }),
    approved: (more.approved ?? 'serial S1') as DiskId,
    find: async () => now,
    clock: more.clock ?? new VirtualClock(),
    progress: { follow: () => 'task pullInstaller', lastWords: async () => ['installer: no space left'] },
    parallel: 20,
    configure: async ({ address }) => void configuredAs.push(address),
  });
  const { signal } = new AbortController();
  const becomes = (next: Partial<TalosObservation>) => {
    now = { ...observation, ...next };
  };
  return { check: (past: StepPast) => check(past, signal), apply: () => apply!(signal), configuredAs, becomes };
}

describe('installMachine', () => {
  it('is to be done on a machine in maintenance, and remembers its boot and the approved disk', async () => {
    expect(await step(maintenance).check(never)).toEqual({
      kind: 'todo',
      reason: 'waits in maintenance mode at 10.0.0.200',
      memory: { bootMark: 'boot-1', disk: 'serial S1', macs: '52:54:00:00:00:01' },
    });
  });

  it('sends the config to where the machine answers now', async () => {
    const { check, apply, configuredAs, becomes } = step(maintenance);
    await check(never);
    becomes({ address: '10.0.0.201' });
    await apply();
    expect(configuredAs).toEqual(['10.0.0.201']);
  });

  it.each<[string, Partial<TalosObservation>]>([
    ['has rebooted', { bootMark: 'boot-9' }],
    ['has begun something', { stage: 'installing' }],
    ['has got a config', { mode: 'configured' }],
  ])('sends nothing to a machine that %s since it was looked at', async (_what, change) => {
    const { check, apply, configuredAs, becomes } = step(maintenance);
    await check(never);
    becomes(change);
    await expect(apply()).rejects.toMatchObject({ code: 'installer/machine-changed' });
    expect(configuredAs).toEqual([]);
  });

  it('refuses a machine on which an old Talos would take the config, and waits while that Talos is being written', async () => {
    const leftover = { ...maintenance, systemDisk: 'sdb' };
    await expect(step(leftover).check(never)).rejects.toMatchObject({
      code: 'installer/leftover-install',
      exitCode: 3,
      message: expect.stringContaining('/dev/sdb') as string,
    });
    expect(await step(leftover).check(begun)).toMatchObject({ kind: 'blocked' });
  });

  it.each<[string, Partial<TalosObservation>]>([
    ['is still coming up', { stage: 'booting' }],
    ['does not tell its boot', { bootMark: '' }],
    ['does not show the disk yet', { disks: [] }],
  ])('waits for a machine that %s', async (_what, change) => {
    expect(await step({ ...maintenance, ...change }).check(never)).toMatchObject({ kind: 'blocked' });
  });

  it('watches anew after the machine was out of sight', async () => {
    const clock = new VirtualClock();
    const { check, becomes } = step(maintenance, { clock });
    await check(begun);
    await clock.sleep(seconds(10));
    becomes({ mode: 'configured', stage: 'installing' });
    await check(begun);
    becomes({});
    await check(begun);
    await clock.sleep(seconds(10));
    expect(await check(begun)).toMatchObject({ kind: 'blocked' });
  });

  it.each([
    ['the approval was for another disk', maintenance, 'serial S2'],
    ['two disks carry the serial', { ...maintenance, disks: [disk('sda', 'S1'), disk('sdb', 'S1')] }, 'serial S1'],
  ])('refuses to write when %s', async (_what, observation, approved) => {
    await expect(step(observation, { approved }).check(never)).rejects.toMatchObject({
      code: 'installer/disk-changed',
    });
  });

  it('waits while Talos installs, in maintenance mode and with its own keys', async () => {
    expect(await step({ ...maintenance, stage: 'installing' }).check(begun)).toMatchObject({ kind: 'blocked' });
    expect(await step({ ...configured, stage: 'installing' }).check(begun)).toMatchObject({ kind: 'blocked' });
  });

  it('is not done before the machine has rebooted from what was written', async () => {
    expect(await step({ ...configured, bootMark: 'boot-1' }).check(begun)).toMatchObject({ kind: 'blocked' });
    expect(await step({ ...configured, stage: 'rebooting' }).check(begun)).toMatchObject({ kind: 'blocked' });
    expect(await step({ ...configured, systemDisk: 'none' }).check(begun)).toMatchObject({ kind: 'blocked' });
    expect(await step(configured).check(begun)).toEqual({ kind: 'done' });
  });

  it('takes a machine that is back in maintenance after a reboot for a failed install', async () => {
    await expect(step({ ...maintenance, bootMark: 'boot-7' }).check(begun)).rejects.toMatchObject({
      code: 'installer/install-failed',
      remedy: expect.stringContaining('--retry install/cp-1') as string,
    });
  });

  it('claims that an earlier start had no effect only after watching the same boot for a while', async () => {
    const clock = new VirtualClock();
    const { check } = step(maintenance, { clock });
    expect(await check(begun)).toMatchObject({ kind: 'blocked' });
    await clock.sleep(seconds(14));
    expect(await check(begun)).toMatchObject({ kind: 'blocked' });
    await clock.sleep(seconds(1));
    expect(await check(begun)).toMatchObject({ kind: 'todo', untouched: true });
  });

  it.each<[string, TalosObservation['image'], string | undefined]>([
    ['refuses another schematic', { schematic: 'other', extensions: [] }, 'runs the schematic other from its disk'],
    ['refuses a plain Talos', { extensions: [] }, 'runs a plain Talos from its disk'],
    ['takes the one that was asked for', { schematic: 'wanted', extensions: ['drbd'] }, undefined],
    ['does not hold against a machine what it does not tell', undefined, undefined],
  ])('%s, once it is on the disk', async (_what, image, words) => {
    const observation = { ...configured, ...(image === undefined ? {} : { image }) };
    const checked = step(observation, { schematic: 'wanted' }).check(begun);
    if (words === undefined) {
      expect(await checked).toEqual({ kind: 'done' });
      return;
    }
    await expect(checked).rejects.toMatchObject({
      code: 'installer/wrong-schematic',
      exitCode: 7,
      message: expect.stringContaining(words) as string,
    });
  });

  it('refuses a machine that runs from another disk, or another version', async () => {
    await expect(step({ ...configured, systemDisk: 'sdb' }).check(begun)).rejects.toMatchObject({
      code: 'installer/wrong-system-disk',
      message: expect.stringContaining('serial S2') as string,
    });
    await expect(step({ ...configured, version: 'v1.12.1' }).check(begun)).rejects.toMatchObject({
      code: 'installer/wrong-version',
      exitCode: 7,
    });
  });
});
