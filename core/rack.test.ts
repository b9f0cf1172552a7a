import { describe, expect, it } from 'vitest';
import { parseMac } from './mac-address.ts';
import type { TalosObservation } from './machine.ts';
import { emptyRack, type Fact, machineWithMac, observe, type Rack } from './rack.ts';

const mac = (last: number) => parseMac(`52:54:00:00:00:0${last}`)!;
const seeAll = (...facts: Fact[]): Rack => facts.reduce(observe, emptyRack);
const boot = (last: number, uuid?: string): Fact => ({
  kind: 'boot',
  mac: mac(last),
  boot: { firmware: 'uefi-http' },
  ...(uuid === undefined ? {} : { uuid }),
});
const talos = (address: string, macs: number[], uuid = 'u'): Fact => ({
  kind: 'talos',
  observation: {
    address,
    uuid,
    mode: 'maintenance',
    stage: 'maintenance',
    isReady: true,
    unmetConditions: [],
    version: 'v1.13.9',
    bootMark: '1',
    links: macs.map((last, index) => ({ name: `eth${index}`, mac: mac(last), isUp: true, isPhysical: true })),
    addresses: [],
    disks: [],
  } satisfies TalosObservation,
});

describe('observe', () => {
  it('joins what was seen of one MAC address', () => {
    const rack = seeAll(boot(1, 'u1'), { kind: 'address', mac: mac(1), address: '10.0.0.9' });
    expect([...rack.machines.values()]).toMatchObject([{ macs: [mac(1)], uuid: 'u1', address: '10.0.0.9' }]);
  });

  it('finds out that two network cards belong to one machine, and keeps the id of the first', () => {
    const rack = seeAll(boot(1), boot(2), talos('10.0.0.9', [2, 1]));
    expect(rack.machines.size).toBe(1);
    expect(machineWithMac(rack, mac(2))).toMatchObject({ id: mac(1), macs: [mac(1), mac(2)], address: '10.0.0.9' });
  });

  it('never takes two machines for one because their UUIDs are equal', () => {
    const rack = seeAll(talos('10.0.0.8', [1], 'same'), talos('10.0.0.9', [2], 'same'));
    expect([...rack.machines.values()].map((machine) => machine.address)).toEqual(['10.0.0.8', '10.0.0.9']);
  });

  it('does not recognise a machine by a link that is not physical', () => {
    const fact = talos('10.0.0.9', [1]) as Fact & { kind: 'talos' };
    const virtual = {
      ...fact.observation,
      links: fact.observation.links.map((link) => ({ ...link, isPhysical: false })),
    };
    expect(seeAll({ kind: 'talos', observation: virtual }).machines.size).toBe(0);
  });

  it('forgets the last reading of a machine that went silent, not the machine', () => {
    const before = seeAll(talos('10.0.0.9', [1]));
    const { id } = machineWithMac(before, mac(1))!;
    const after = observe(before, { kind: 'silent', id });
    expect(machineWithMac(after, mac(1))).toMatchObject({ id, address: '10.0.0.9' });
    expect(machineWithMac(after, mac(1))?.talos).toBeUndefined();
    expect(machineWithMac(before, mac(1))?.talos).toBeDefined();
  });
});
