import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inMaintenance } from '../../core/in-maintenance.fixture.ts';
import { parseMac } from '../../core/mac-address.ts';
import { type Disk, type Machine, machineIdOf, type TalosObservation } from '../../core/machine.ts';
import type { Rack } from '../../core/rack.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { exampleSpec } from '../../talos/testing/example-request.ts';
import { bootIntent } from '../boot-intent.ts';
import { settingsOf } from '../check-settings.ts';
import { reasonToHold } from '../resolve-machines.ts';
import { chooseMachines } from './choose-machines.ts';
import { recallMachines } from './recall-machines.ts';

const mac = (last: number) => parseMac(`52:54:00:00:10:${last.toString(16).padStart(2, '0')}`)!;

const disk: Disk = {
  name: 'nvme0n1',
  path: '/dev/nvme0n1',
  sizeBytes: 4_000n * 10n ** 9n,
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
};

/** A machine that no entry means; with so much memory, or with none that is known. */
const stranger = (last: number, memoryGiB?: number, more: Partial<TalosObservation> = {}): Machine => ({
  id: machineIdOf(mac(last)),
  macs: [mac(last)],
  address: `10.0.0.${200 + last}`,
  talos: {
    address: `10.0.0.${200 + last}`,
    ...inMaintenance,
    links: [{ name: 'eth0', mac: mac(last), isUp: true, isPhysical: true }],
    disks: [disk],
    ...(memoryGiB === undefined ? {} : { hardware: { memory: { totalMiB: memoryGiB * 1024, modules: [] } } }),
    ...more,
  },
});
const now = 1_789_120_800_000;
const rackOf = (...machines: Machine[]): Rack => ({ machines: new Map(machines.map((one) => [one.id, one])) });

const big = {
  role: 'worker',
  disk: { maxSizeGB: 500 },
  selector: 'machine.memoryGB >= 250.0',
  count: 2,
  addresses: '10.0.0.50-10.0.0.59',
};
const specWith = (classes: object = { big }) => exampleSpec({ rack: { classes } });
const chosenOf = ({ machines }: RackSpec) =>
  machines.filter((one) => one.isChosen).map((one) => [one.name, one.mac, one.address]);

describe('chooseMachines', () => {
  it('chooses the machines that fit, names them and gives them addresses, in whatever order they come up', () => {
    const machines = [stranger(3, 512), stranger(1, 256), stranger(2, 64)];
    fc.assert(
      fc.property(fc.shuffledSubarray(machines, { minLength: 3 }), (order) => {
        const { spec, waiting } = chooseMachines(specWith(), rackOf(...order), now);
        expect(waiting.size).toBe(0);
        expect(chosenOf(spec)).toEqual([
          ['big-1', mac(1), '10.0.0.50'],
          ['big-2', mac(3), '10.0.0.51'],
        ]);
        expect(spec.machines.at(-1)).toMatchObject({ role: 'worker', class: 'big', disk: { maxSizeGB: 500 } });
      }),
    );
  });

  it('waits while too few are there, and does not guess between too many', () => {
    const few = chooseMachines(specWith(), rackOf(stranger(1, 256)), now);
    expect(chosenOf(few.spec)).toEqual([]);
    expect(few.waiting.get('big')).toBe('1 of its 2 machines are there');
    const many = chooseMachines(specWith(), rackOf(stranger(1, 256), stranger(2, 256), stranger(3, 256)), now);
    expect(chosenOf(many.spec)).toEqual([]);
    expect(many.waiting.get('big')).toMatch(/^3 machines fit it and it is for 2/);
  });

  it('holds a machine that fits two classes, and says so', () => {
    const nvme = {
      ...big,
      selector: 'machine.disks.exists(d, d.transport == "nvme")',
      addresses: '10.0.0.60-10.0.0.69',
    };
    const spec = specWith({ big, nvme });
    const both = stranger(1, 256);
    const choice = chooseMachines(spec, rackOf(both, stranger(2, 256)), now);
    expect(chosenOf(choice.spec)).toEqual([]);
    expect(reasonToHold(both, spec, rackOf(both))).toBe('it fits the classes big and nvme; allowed: one');
    expect(bootIntent(both, { spec, rack: rackOf(both), isInstalled: () => false })).toMatchObject({ kind: 'hold' });
  });

  it('does not choose by a fact that nobody could read', () => {
    const dark = stranger(1);
    const { spec } = chooseMachines(specWith(), rackOf(dark, stranger(2, 256)), now);
    expect(chosenOf(spec)).toEqual([]);
    expect(reasonToHold(dark, specWith(), rackOf(dark))).toMatch(/nobody can tell yet whether it is of the class big/);
  });

  it('never chooses a machine of the rack file, one that is installed, or one with the MAC address of an entry', () => {
    const [entry] = specWith().machines;
    const named = { ...stranger(1, 256), macs: [entry!.mac!], uuid: '11111111-2222-3333-4444-555555555555' };
    const installed = stranger(2, 256, { mode: 'configured' });
    const { waiting } = chooseMachines(specWith(), rackOf(named, installed, stranger(3, 256)), now);
    expect(waiting.get('big')).toBe('1 of its 2 machines are there');
  });

  it('gives a class with DHCP the addresses that its machines have', () => {
    const dhcp = { ...big, addresses: undefined, network: { dhcp: true } };
    const { spec } = chooseMachines(specWith({ big: dhcp }), rackOf(stranger(1, 256), stranger(2, 256)), now);
    expect(chosenOf(spec).map(([, , address]) => address)).toEqual(['10.0.0.201', '10.0.0.202']);
  });
});

describe('a machine that a class may choose', () => {
  const talosless = (last: number): Machine => ({ id: machineIdOf(mac(last)), macs: [mac(last)] });
  const intent = (machine: Machine, spec: RackSpec) =>
    bootIntent(machine, { spec, rack: rackOf(machine), isInstalled: () => false });

  it('is given Talos while the class has room, and is held without such a class or once it is full', () => {
    expect(intent(talosless(1), specWith())).toMatchObject({ kind: 'boot' });
    expect(intent(talosless(1), exampleSpec())).toEqual({
      kind: 'hold',
      reason: 'it is not in the rack file',
      isStranger: true,
    });
    const { spec } = chooseMachines(specWith(), rackOf(stranger(1, 256), stranger(2, 256)), now);
    expect(intent(talosless(9), spec)).toMatchObject({ kind: 'hold' });
    expect(intent(stranger(9, 256), spec)).toMatchObject({
      kind: 'hold',
      reason: 'it fits the class big, which has all of its 2 machines',
    });
  });

  it('keeps a class from choosing while it was given Talos and has not told what it is', () => {
    const booted = { ...talosless(3), boot: { firmware: 'uefi-http', offered: 'http://10.0.0.2/talos-amd64.efi' } };
    const [one, two] = [stranger(1, 256), stranger(2, 256)];
    expect(chooseMachines(specWith(), rackOf(one, two), now).waiting.size).toBe(0);
    const { spec, waiting } = chooseMachines(specWith(), rackOf(one, two, booted), now);
    expect(spec.machines).toEqual(specWith().machines);
    expect(waiting.get('big')).toMatch(/^2 machines fit it, and 1 more may/);
  });

  it('keeps a class from choosing while it is silent, for a day', () => {
    const [one, two] = [stranger(1, 256), stranger(2, 256)];
    const silent = (hoursAgo: number, memoryGiB = 256, more: Partial<TalosObservation> = {}): Machine => {
      const { talos, ...machine } = stranger(3, memoryGiB, more);
      const at = now - hoursAgo * 3_600_000;
      return { ...machine, lastSeen: at, lastReading: { at, observation: talos! } };
    };
    const reasonWith = (third: Machine) => chooseMachines(specWith(), rackOf(one, two, third), now).waiting.get('big');
    expect(reasonWith(silent(1))).toMatch(/^2 machines fit it, and so did 52:54:00:00:10:03 within the last day/);
    expect(reasonWith(silent(25))).toBeUndefined();
    expect(reasonWith(silent(1, 64))).toBeUndefined();
    expect(reasonWith(silent(1, 256, { mode: 'configured' }))).toBeUndefined();
  });

  it('boots its disk once it was chosen and is installed', () => {
    const { spec } = chooseMachines(specWith(), rackOf(stranger(1, 256), stranger(2, 256)), now);
    const rack = rackOf(stranger(1));
    expect(bootIntent(stranger(1), { spec, rack, isInstalled: () => true })).toEqual({
      kind: 'local-disk',
      machine: 'big-1',
    });
  });
});

describe('recallMachines', () => {
  const entriesOf = (spec: RackSpec) =>
    [{ record: { type: 'plan.approved', settings: settingsOf(spec) } }] as unknown as Parameters<
      typeof recallMachines
    >[1]['entries'];

  it('knows the machines of an approved plan again, also when nothing of them can be seen', () => {
    const { spec } = chooseMachines(specWith(), rackOf(stranger(1, 256), stranger(2, 256)), now);
    const recalled = recallMachines(specWith(), { entries: entriesOf(spec) }, { withRemoved: false });
    expect(recalled.machines).toEqual(spec.machines);
    expect(settingsOf(recalled)).toEqual(settingsOf(spec));
    expect(chooseMachines(recalled, rackOf(stranger(5, 999)), now).spec).toBe(recalled);
  });

  it('gives the place of a machine that was removed to another one, until it is released', () => {
    const { spec } = chooseMachines(specWith(), rackOf(stranger(1, 256), stranger(2, 256)), now);
    const removed = { record: { type: 'machine.removed', machine: 'big-1', macs: [mac(1)] } };
    const entries = [...entriesOf(spec), removed] as ReturnType<typeof entriesOf>;
    const recalled = recallMachines(specWith(), { entries }, { withRemoved: false });
    expect(chosenOf(recalled)).toEqual([['big-2', mac(2), '10.0.0.51']]);
    const replaced = chooseMachines(recalled, rackOf(stranger(2, 256), stranger(3, 256)), now).spec;
    expect(chosenOf(replaced)).toContainEqual(['big-1', mac(3), '10.0.0.50']);
    // The name is another machine's from then on.
    const since = [...entries, ...entriesOf(replaced)];
    expect(chosenOf(recallMachines(specWith(), { entries: since }, { withRemoved: false }))).toHaveLength(2);
    // A removal that was interrupted goes on.
    expect(recallMachines(specWith(), { entries }, { withRemoved: true }).machines).toEqual(spec.machines);
  });

  it('recalls nothing of a class that is gone, nor from a journal without a plan', () => {
    const { spec } = chooseMachines(specWith(), rackOf(stranger(1, 256), stranger(2, 256)), now);
    expect(recallMachines(exampleSpec(), { entries: entriesOf(spec) }, { withRemoved: false }).machines).toHaveLength(
      2,
    );
    expect(recallMachines(specWith(), { entries: [] }, { withRemoved: false })).toEqual(specWith());
  });
});
