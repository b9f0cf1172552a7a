import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMac } from '../../core/mac-address.ts';
import type { Machine, TalosObservation } from '../../core/machine.ts';
import { emptyRack, type Fact, machineWithMac, observe, type Rack } from '../../core/rack.ts';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import { openInventory } from './open-inventory.ts';

const path = '/state/inventory.jsonl';
const mac = (last: number) => parseMac(`52:54:00:00:00:0${last}`)!;
const uuid = '4c4c4544-0051-3010-8051-b4c04f5a3332';
const observation: TalosObservation = {
  address: '10.0.0.8',
  mode: 'maintenance',
  fingerprint: 'F',
  stage: 'maintenance',
  isReady: true,
  unmetConditions: [],
  version: 'v1.13.9',
  bootMark: '1',
  uuid,
  links: [1, 2].map((last) => ({ name: `eth${last}`, mac: mac(last), isUp: true, isPhysical: true })),
  addresses: [{ link: 'eth1', cidr: '10.0.0.8/24' }],
  disks: [
    {
      name: 'sda',
      path: '/dev/sda',
      sizeBytes: 2n ** 60n,
      serial: 'S1',
      rotational: false,
      readOnly: false,
      signatures: ['gpt'],
      contents: [{ kind: 'partition-table', on: 'sda', format: 'gpt' }],
    },
  ],
  hardware: { firmwareMode: 'uefi' },
  unknown: [{ fact: 'memory', why: 'its SMBIOS lists no module' }],
};
const seeAll = (...facts: readonly Fact[]): Rack => facts.reduce(observe, emptyRack);
const boot: Fact = { kind: 'boot', mac: mac(1), at: 1000, boot: { firmware: 'uefi-http', offered: 'uki' } };
const reading: Fact = { kind: 'talos', at: 2000, observation };
const machines = (rack: Rack): Machine[] => [...rack.machines.values()];

describe('openInventory', () => {
  it('gives a later run all that was known of a machine, except that it is there now', async () => {
    const files = new MemoryFiles();
    const inventory = await openInventory(path, files);
    expect(inventory.facts).toEqual([]);
    const before = machineWithMac(seeAll(boot, reading), mac(1))!;
    inventory.note(before);
    await inventory.flush();
    const { talos: _, ...known } = before;
    expect(machines(seeAll(...(await openInventory(path, files)).facts))).toEqual([known]);
  });

  it('is readable by its owner alone', async () => {
    const files = new MemoryFiles();
    const inventory = await openInventory(path, files);
    inventory.note(machineWithMac(seeAll(boot), mac(1))!);
    await inventory.flush();
    expect(files.contents.get(path)?.mode).toBe(0o600);
  });

  it('has one line for a machine that turned out to be two sightings', async () => {
    const files = new MemoryFiles();
    const inventory = await openInventory(path, files);
    const other: Fact = { kind: 'boot', mac: mac(2), at: 1500, boot: { firmware: 'uefi-pxe' } };
    for (const machine of machines(seeAll(boot, other))) inventory.note(machine);
    for (const machine of machines(seeAll(boot, other, reading))) inventory.note(machine);
    await inventory.flush();
    expect((await openInventory(path, files)).facts).toHaveLength(1);
  });

  it('keeps two machines that claim one card', async () => {
    const files = new MemoryFiles();
    const inventory = await openInventory(path, files);
    const moved: Fact = {
      kind: 'talos',
      at: 3000,
      observation: { ...observation, uuid: uuid.replace('3332', '4442'), links: observation.links.slice(1) },
    };
    const rack = seeAll(reading, moved);
    for (const machine of machines(rack)) inventory.note(machine);
    await inventory.flush();
    const later = seeAll(...(await openInventory(path, files)).facts);
    expect(machines(later).map(({ uuid }) => uuid)).toEqual(machines(rack).map(({ uuid }) => uuid));
    expect(
      machines(observe(observe(later, { ...reading, at: 4000 }), { ...moved, at: 5000 })).map(
        ({ conflicts }) => conflicts,
      ),
    ).toEqual(machines(rack).map(({ conflicts }) => conflicts));
  });

  it('writes news at once, and the last times when the run ends', async () => {
    const files = new MemoryFiles();
    let writes = 0;
    const write = files.writeAtomically.bind(files);
    files.writeAtomically = (...args) => {
      writes += 1;
      return write(...args);
    };
    const inventory = await openInventory(path, files);
    inventory.note(machineWithMac(seeAll(reading), mac(1))!);
    expect(writes).toBe(1);
    await inventory.flush();
    inventory.note(machineWithMac(seeAll(reading, { ...reading, at: 9000 }), mac(1))!);
    expect(writes).toBe(1);
    await inventory.flush();
    expect(writes).toBe(2);
    expect(machines(seeAll(...(await openInventory(path, files)).facts))[0]?.lastSeen).toBe(9000);
  });

  it('appends what it hears, and writes the file anew when most of it is old', async () => {
    const files = new MemoryFiles();
    const inventory = await openInventory(path, files);
    inventory.note(machineWithMac(seeAll(boot), mac(1))!);
    await inventory.flush();
    const lines = async () => (await files.readText(path))?.trimEnd().split('\n').length ?? 0;
    expect(await lines()).toBe(1);
    let most = 0;
    for (let count = 0; count < 100; count += 1) {
      const moved: Fact = { kind: 'address', mac: mac(1), at: 3000 + count, address: `10.0.1.${count}` };
      inventory.note(machineWithMac(seeAll(boot, moved), mac(1))!);
      await new Promise(setImmediate);
      most = Math.max(most, await lines());
    }
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThan(30);
    const whole = await files.readText(path);
    const [fact] = (await openInventory(path, files)).facts;
    expect(fact).toMatchObject({ machine: { address: '10.0.1.99' } });
    await inventory.flush();
    expect((await files.readText(path))?.length).toBeLessThan(whole?.length ?? 0);
    expect((await openInventory(path, files)).facts).toEqual([fact]);
  });

  it('knows also from appended lines that two sightings were one machine', async () => {
    const files = new MemoryFiles();
    const inventory = await openInventory(path, files);
    const other: Fact = { kind: 'boot', mac: mac(2), at: 1500, boot: { firmware: 'uefi-pxe' } };
    for (const facts of [
      [boot, other],
      [boot, other, reading],
    ]) {
      for (const machine of machines(seeAll(...facts))) inventory.note(machine);
      await new Promise(setImmediate);
    }
    expect(await files.readText(path)).toContain('gone');
    expect((await openInventory(path, files)).facts).toHaveLength(1);
  });

  it('writes again what could not be written, and says when it still cannot', async () => {
    const files = new MemoryFiles();
    const write = files.writeAtomically.bind(files);
    files.writeAtomically = () => Promise.reject(new Error('no space left on device'));
    const inventory = await openInventory(path, files);
    inventory.note(machineWithMac(seeAll(reading), mac(1))!);
    await expect(inventory.flush()).rejects.toThrow('no space left');
    files.writeAtomically = write;
    await inventory.flush();
    expect((await openInventory(path, files)).facts).toHaveLength(1);
  });

  it('takes a spoilt line for one that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.json(), async (text, json) => {
        const files = new MemoryFiles();
        await files.writeAtomically(path, `${text}\n${json}\n{"macs":["x"]}\n`, 0o600);
        expect((await openInventory(path, files)).facts).toEqual([]);
      }),
    );
  });
});
