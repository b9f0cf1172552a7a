import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf } from './identity.ts';
import { inMaintenance } from './in-maintenance.fixture.ts';
import { parseMac } from './mac-address.ts';
import type { Link, Machine, TalosObservation } from './machine.ts';
import { emptyRack, type Fact, machinesWithUuid, machineWithMac, observe, type Rack } from './rack.ts';

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
    ...inMaintenance,
    links: macs.map((last, index) => ({ name: `eth${index}`, mac: mac(last), isUp: true, isPhysical: true })),
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
    expect(machineWithMac(after, mac(1))?.lastReading?.observation.address).toBe('10.0.0.9');
  });

  it('knows a machine again that answers after it was silent', () => {
    const { id } = machineWithMac(seeAll(talos('10.0.0.9', [1])), mac(1))!;
    const rack = seeAll(talos('10.0.0.9', [1]), { kind: 'silent', id }, talos('10.0.0.9', [1]));
    expect(machineWithMac(rack, mac(1))?.talos).toBeDefined();
  });

  it('takes what an earlier run knew for its identity and its age, not for its state now', () => {
    const before = machineWithMac(seeAll(boot(2), { ...talos('10.0.0.9', [1, 2], uuid('a')), at: 7000 }), mac(1))!;
    const rack = seeAll({ kind: 'known', at: before.lastSeen!, machine: { ...before, firstSeen: 1, lastSeen: 7000 } });
    const machine = machineWithMac(rack, mac(2))!;
    expect(machine).toMatchObject({ uuid: uuid('a'), address: '10.0.0.9', firstSeen: 1, lastSeen: 7000 });
    expect(machine.macs.toSorted()).toEqual(before.macs.toSorted());
    expect(machine.lastReading?.observation).toEqual(before.talos);
    expect(machine.talos).toBeUndefined();
  });
});

const uuid = (letter: string) => `4c4c4544-0051-3010-8051-${letter.repeat(12)}`;
const macsOf = (rack: Rack) => [...rack.machines.values()].map(({ macs }) => [...macs].sort()).sort();

describe('the identity of machines', () => {
  it('keeps two boards with one UUID apart, and names neither by it', () => {
    const rack = seeAll(talos('10.0.0.8', [1, 2], uuid('a')), talos('10.0.0.9', [3], uuid('a')));
    expect(macsOf(rack)).toEqual([[mac(1), mac(2)], [mac(3)]]);
    for (const machine of rack.machines.values()) {
      expect(machine.conflicts).toBeUndefined();
      expect(identityOf(machine, rack)).toMatchObject({
        kind: 'macs',
        because: expect.stringContaining('too') as string,
      });
    }
    expect(machinesWithUuid(rack, uuid('a'))).toHaveLength(2);
  });

  it('names a machine by a UUID of its own, also when its firmware writes it the other way round', () => {
    const rack = seeAll(boot(1, '44454c4c-5100-1030-8051-aaaaaaaaaaaa'), talos('10.0.0.8', [1, 2], uuid('a')));
    const [machine] = rack.machines.values();
    expect(macsOf(rack)).toEqual([[mac(1), mac(2)]]);
    expect(identityOf(machine!, rack)).toEqual({ kind: 'uuid', uuid: uuid('a') });
  });

  it.each([
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '03000200-0400-0500-0006-000700080009',
    '00020003-0004-0005-0006-000700080009',
    'Not Settable',
  ])('names no machine by the UUID %s, and does not join by it', (blank) => {
    const rack = seeAll(talos('10.0.0.8', [1], blank), talos('10.0.0.9', [2], blank));
    expect(rack.machines.size).toBe(2);
    for (const machine of rack.machines.values()) {
      expect(identityOf(machine, rack)).toMatchObject({ kind: 'macs', macs: machine.macs });
    }
  });

  it('shows a network card that was moved as a conflict of both, until the one is read without it', () => {
    const moved = seeAll(talos('10.0.0.8', [1, 2], uuid('a')), talos('10.0.0.9', [2, 3], uuid('b')));
    expect([...moved.machines.values()].map(({ uuid, conflicts }) => ({ uuid, conflicts }))).toEqual([
      { uuid: uuid('a'), conflicts: [{ mac: mac(2), others: [uuid('b')] }] },
      { uuid: uuid('b'), conflicts: [{ mac: mac(2), others: [uuid('a')] }] },
    ]);
    const after = observe(moved, talos('10.0.0.8', [1], uuid('a')));
    expect(macsOf(after)).toEqual([[mac(1)], [mac(2), mac(3)]]);
    expect([...after.machines.values()].flatMap(({ conflicts = [] }) => conflicts)).toEqual([]);
    expect(machineWithMac(after, mac(2))?.uuid).toBe(uuid('b'));
  });

  it('gives the cards to a new mainboard once the old one does not answer, as when it was replaced', () => {
    const swapped = [talos('10.0.0.8', [1, 2], uuid('a')), talos('10.0.0.9', [1, 2], uuid('b'))] as const;
    const both = seeAll(...swapped);
    const old = [...both.machines.values()].find((machine) => machine.uuid === uuid('a'))!;
    const after = observe(both, { kind: 'silent', id: old.id });
    expect([...after.machines.values()]).toMatchObject([{ uuid: uuid('b'), macs: [mac(1), mac(2)] }]);
    expect(machineWithMac(after, mac(1))?.conflicts).toBeUndefined();
  });

  it('shows a moved card as soon as firmware boots from it elsewhere', () => {
    const rack = seeAll(talos('10.0.0.8', [1, 2], uuid('a')), boot(2, uuid('b')));
    expect(rack.machines.size).toBe(2);
    expect([...rack.machines.values()].every(({ conflicts }) => conflicts?.[0]?.mac === mac(2))).toBe(true);
    for (const machine of rack.machines.values()) expect(rack.machines.get(machine.id)).toBe(machine);
  });

  it('believes the running system when firmware told another UUID before', () => {
    const rack = seeAll(boot(1, uuid('f')), talos('10.0.0.8', [1], uuid('a')));
    expect([...rack.machines.values()]).toMatchObject([{ uuid: uuid('a'), boot: { firmware: 'uefi-http' } }]);
    expect(machineWithMac(rack, mac(1))?.conflicts).toBeUndefined();
  });

  it("does not join machines by the address of their management controller's USB network", () => {
    const usb: Link = { name: 'enx', mac: mac(9), isUp: true, isPhysical: true, driver: 'rndis_host' };
    const withUsb = (fact: Fact): Fact =>
      fact.kind === 'talos'
        ? { ...fact, observation: { ...fact.observation, links: [...fact.observation.links, usb] } }
        : fact;
    const blank = '00000000-0000-0000-0000-000000000000';
    const rack = seeAll(withUsb(talos('10.0.0.8', [1], blank)), withUsb(talos('10.0.0.9', [2], blank)));
    expect(macsOf(rack)).toEqual([[mac(1)], [mac(2)]]);
  });
});

const someMac = fc.integer({ min: 1, max: 6 });
const someUuid = fc.constantFrom(undefined, uuid('a'), uuid('b'), uuid('c'), 'ffffffff-ffff-ffff-ffff-ffffffffffff');
const someFact: fc.Arbitrary<Fact> = fc.oneof(
  fc.tuple(someMac, someUuid).map(([last, uuid]) => boot(last, uuid)),
  fc.tuple(someMac, someUuid).map(
    ([last, uuid]): Fact => ({
      kind: 'address',
      mac: mac(last),
      address: `10.0.0.${last}`,
      ...(uuid === undefined ? {} : { uuid }),
    }),
  ),
  fc
    .tuple(fc.uniqueArray(someMac, { minLength: 1, maxLength: 3 }), someUuid)
    .map(([macs, uuid = 'none']) => talos(`10.0.1.${macs[0] ?? 0}`, macs, uuid)),
);
const withTimes = (facts: readonly Fact[]) => facts.map((fact, index): Fact => ({ ...fact, at: 1000 + index }));
const byId = (rack: Rack): readonly Machine[] => [...rack.machines.values()].sort((a, b) => (a.id < b.id ? -1 : 1));

describe('observe, whatever is seen', () => {
  it('gives the same rack in any order of the facts', () => {
    fc.assert(
      fc.property(
        fc.array(someFact, { maxLength: 8 }).chain((facts) => {
          const dated = withTimes(facts);
          return fc.tuple(fc.constant(dated), fc.shuffledSubarray(dated, { minLength: dated.length }));
        }),
        ([facts, shuffled]) => {
          expect(byId(seeAll(...shuffled))).toEqual(byId(seeAll(...facts)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never makes one machine of two that were read with UUIDs of their own', () => {
    fc.assert(
      fc.property(fc.array(someFact, { maxLength: 10 }), (facts) => {
        const rack = seeAll(...facts);
        const told = new Map<string, Set<string>>();
        for (const machine of rack.machines.values()) {
          const read = machine.talos?.uuid;
          if (read?.startsWith('4c4c') && machine.uuid?.startsWith('4c4c')) expect(machine.uuid).toBe(read);
          for (const one of machine.macs) told.set(one, (told.get(one) ?? new Set()).add(machine.id));
        }
        for (const [one, ids] of told) {
          const owners = [...rack.machines.values()].filter(({ macs }) => (macs as readonly string[]).includes(one));
          expect(owners.every(({ conflicts = [] }) => ids.size === 1 || conflicts.some(({ mac }) => mac === one))).toBe(
            true,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('loses no MAC address, counts its machines, and finds each by its id, its MAC and its UUID', () => {
    fc.assert(
      fc.property(fc.array(someFact, { maxLength: 10 }), (facts) => {
        const rack = seeAll(...facts);
        expect([...rack.machines.values()]).toHaveLength(rack.machines.size);
        expect(new Set(rack.machines.keys()).size).toBe(rack.machines.size);
        for (const fact of facts) {
          const seen =
            fact.kind === 'talos' ? fact.observation.links.map(({ mac }) => mac) : 'mac' in fact ? [fact.mac] : [];
          for (const one of seen) expect(machineWithMac(rack, one)?.macs).toContain(one);
        }
        for (const machine of rack.machines.values()) {
          expect(rack.machines.get(machine.id)).toBe(machine);
          if (machine.uuid !== undefined) expect(machinesWithUuid(rack, machine.uuid)).toContain(machine);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the rack as it was', () => {
    fc.assert(
      fc.property(fc.array(someFact, { maxLength: 6 }), someFact, (facts, last) => {
        const rack = seeAll(...facts);
        const before = byId(rack);
        observe(rack, last);
        expect(byId(rack)).toEqual(before);
      }),
    );
  });
});
