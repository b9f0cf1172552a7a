import { describe, expect, it } from 'vitest';
import { parseMac } from '../core/mac-address.ts';
import { type Disk, type Machine, machineIdOf, type TalosObservation } from '../core/machine.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { discoveryPlan, discoveryTimeout } from './discovery-plan.ts';

const mac = parseMac('52:54:00:00:00:01')!;
const spec = {
  machines: [{ name: 'cp-1', role: 'controlplane', mac, address: '10.0.0.11', disk: { transport: 'nvme' } }],
} as unknown as RackSpec;
const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  path: `/dev/${name}`,
  serial: `S-${name}`,
  sizeBytes: 480_000_000_000n,
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
  ...more,
});
const talos = (mode: 'maintenance' | 'configured', ...disks: Disk[]): TalosObservation => ({
  address: '10.0.0.200',
  mode,
  stage: mode,
  isReady: true,
  unmetConditions: [],
  version: 'v1.13.9',
  bootMark: '1',
  links: [],
  addresses: [],
  disks,
});

const discover = (...seen: Partial<Machine>[]) => discoverWith({}, ...seen);

function discoverWith(
  { isUnderWay = false, isRemoved = false }: { isUnderWay?: boolean; isRemoved?: boolean },
  ...seen: Partial<Machine>[]
) {
  const machines = seen.map(
    (facts, index): Machine => ({
      id: machineIdOf(mac),
      macs: [mac],
      ...facts,
      ...(index > 0 ? { id: `${mac}${index}` as Machine['id'] } : {}),
    }),
  );
  const [step] = discoveryPlan({
    file: 'rack.yaml',
    spec,
    timeout: discoveryTimeout,
    place: (path) => ({ file: 'rack.yaml', path: path.join('/'), line: 7 }),
    rack: () => ({ machines: new Map(machines.map((machine) => [machine.id, machine])) }),
    isUnderWay: () => isUnderWay,
    findRemoved: (macs) =>
      isRemoved && macs.includes(mac) ? { name: 'cp-1', macs, at: 'yesterday', isReplaced: false } : undefined,
    whyNot: (address) => (address === '10.0.0.200' ? 'it is configured by others' : undefined),
  });
  return step!.check({ uncertain: false, confirmed: false }, new AbortController().signal);
}

describe('discoveryPlan', () => {
  it('says of a silent machine that was removed that it waits for its release, also when nobody has seen it', async () => {
    const reason = expect.stringMatching(
      /removed from the cluster as cp-1 .* rackwright node release RACKFILE cp-1/,
    ) as string;
    for (const seen of [[], [{ address: '10.0.0.9' }]])
      expect(await discoverWith({ isRemoved: true }, ...seen)).toEqual({ kind: 'blocked', reason });
    const there = { talos: talos('maintenance', disk('nvme0n1')) };
    expect(await discoverWith({ isRemoved: true }, there)).toEqual({ kind: 'done' });
  });

  it.each<[string, Partial<Machine>[], RegExp]>([
    ['nobody has seen it', [], /power it on/],
    ['its firmware asks', [{ boot: { firmware: 'uefi-http' } }], /asks for a boot file/],
    [
      'its firmware was answered',
      [{ boot: { firmware: 'uefi-http', offered: 'http://10.0.0.2/talos.efi' } }],
      /was given http:\/\/10\.0\.0\.2\/talos\.efi/,
    ],
    ['it has an address and nobody answers there yet', [{ address: '10.0.0.9' }], /has the address 10\.0\.0\.9/],
    ['a look at its address failed', [{ address: '10.0.0.200' }], /configured by others/],
    ['two machines answer to it', [{}, {}], /held: another machine .* same UUID .*; give cp-1 a mac/],
  ])('waits while %s, and says so', async (_what, seen, reason) => {
    expect(await discover(...seen)).toMatchObject({ kind: 'blocked', reason: expect.stringMatching(reason) as string });
  });

  it('is done when the machine waits in maintenance mode with one disk that fits, and when it is installed', async () => {
    expect(
      await discover({ talos: talos('maintenance', disk('nvme0n1'), disk('sda', { transport: 'sata' })) }),
    ).toEqual({ kind: 'done' });
    expect(await discover({ talos: talos('configured') })).toEqual({ kind: 'done' });
  });

  it('waits for a disk that its selector fits, since a controller may be slow to show it', async () => {
    const verdict = await discover({ talos: talos('maintenance', disk('sda', { transport: 'sata' })) });
    expect(verdict).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(/none of its disks:\n +\/dev\/sda/) as string,
    });
  });

  it('does not show a machine for installing whose old Talos would take the config, unless its install is under way', async () => {
    const leftover = { talos: { ...talos('maintenance', disk('nvme0n1')), systemDisk: 'nvme0n1' } };
    const reason = expect.stringMatching(/old Talos on \/dev\/nvme0n1.*talos\.experimental\.wipe=system/) as string;
    expect(await discover(leftover)).toMatchObject({ kind: 'blocked', reason });
    expect(await discoverWith({ isUnderWay: true }, leftover)).toEqual({ kind: 'done' });
  });

  it.each<[string, Disk[], RegExp]>([
    ['two disks', [disk('nvme0n1'), disk('nvme1n1')], /fits 2 disks of cp-1.*serial:\n.*S-nvme0n1.*\n.*S-nvme1n1/s],
    [
      'a disk that nothing tells from another',
      [disk('nvme0n1', { serial: 'S' }), disk('sda', { serial: 'S', transport: 'sata' })],
      /no serial or WWID of its own/,
    ],
  ])('refuses a selector that fits %s, with its place', async (_what, disks, message) => {
    await expect(discover({ talos: talos('maintenance', ...disks) })).rejects.toMatchObject({
      code: 'installer/rack-file-invalid',
      exitCode: 4,
      message: expect.stringMatching(message) as string,
      places: [{ path: 'machines/0/disk', line: 7 }],
    });
  });
});
