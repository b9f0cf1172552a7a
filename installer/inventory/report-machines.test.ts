import { describe, expect, it } from 'vitest';
import { inMaintenance } from '../../core/in-maintenance.fixture.ts';
import { parseMac } from '../../core/mac-address.ts';
import type { TalosObservation } from '../../core/machine.ts';
import { machineReport } from '../../core/machine-report.ts';
import { emptyRack, type Fact, observe } from '../../core/rack.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { reportMachines } from './report-machines.ts';
import { selectMachine } from './select-machine.ts';

const mac = (last: number) => parseMac(`52:54:00:00:00:0${last}`)!;
const uuid = (digit: number) => `4c4c4544-0051-3010-8051-${String(digit).repeat(12)}`;
const reading = (last: number, more: Partial<TalosObservation> = {}): Fact => ({
  kind: 'talos',
  observation: {
    address: `10.0.0.${last}`,
    ...inMaintenance,
    uuid: uuid(last),
    links: [{ name: 'eth0', mac: mac(last), isUp: true, isPhysical: true }],
    addresses: [{ link: 'eth0', cidr: `10.0.0.${last}/24` }],
    ...more,
  },
});
const spec = {
  machines: [
    { name: 'b', mac: mac(2) },
    { name: 'a', mac: mac(1) },
  ],
} as unknown as RackSpec;
const report = (facts: readonly Fact[], withSpec?: RackSpec) => {
  const rack = facts.map((fact, index) => ({ ...fact, at: 1000 * (index + 1) })).reduce(observe, emptyRack);
  const reports = reportMachines(rack, { spec: withSpec, now: 61_000, renderTime: (at) => new Date(at).toISOString() });
  return reports.map((one) => machineReport.parse(one));
};

describe('reportMachines', () => {
  it('gives machines the order and the names of the rack file, and strangers the end', () => {
    const reports = report([reading(3), reading(1), reading(2)], spec);
    expect(reports.map(({ name }) => name)).toEqual(['b', 'a', undefined]);
    expect(reports[2]?.held).toBe('it is not in the rack file');
  });

  it('tells when a machine was seen last, and from when its reading is', () => {
    expect(report([reading(1)])[0]).toMatchObject({
      ageSeconds: 60,
      firstSeen: '1970-01-01T00:00:01.000Z',
      lastSeen: '1970-01-01T00:00:01.000Z',
      talos: { readAt: '1970-01-01T00:00:01.000Z' },
    });
  });

  it.each<[string, readonly Fact[]]>([
    ['seen', [{ kind: 'address', mac: mac(1), address: '10.0.0.1' }]],
    ['booting', [{ kind: 'boot', mac: mac(1), boot: { firmware: 'uefi-http' } }]],
    ['maintenance', [reading(1)]],
    ['configured', [reading(1, { mode: 'configured' })]],
    ['silent', [reading(1), { kind: 'silent', id: mac(1) as never }]],
  ])('calls a machine %s by the last that is known of it', (state, facts) => {
    expect(report(facts)[0]?.state).toBe(state);
  });

  it('holds and shows both machines of a card that was moved, also without a rack file', () => {
    const moved = reading(2, {
      links: [1, 2].map((last) => ({ name: 'e', mac: mac(last), isUp: true, isPhysical: true })),
    });
    const reports = report([reading(1), moved], spec);
    expect(reports.map(({ held }) => held)).toEqual([
      expect.stringContaining(`${mac(1)} (${uuid(2)})`),
      expect.stringContaining(`${mac(1)} (${uuid(1)})`),
    ]);
    expect(reports.map(({ name }) => name)).toEqual([undefined, undefined]);
  });

  it('leaves out what is unknown: a disk that nobody has read is not blank', () => {
    const disk = { name: 'sda', path: '/dev/sda', sizeBytes: 2n ** 62n, rotational: false, readOnly: false };
    const disks = [
      { ...disk, signatures: [], isUnprobed: true },
      { ...disk, name: 'sdb', signatures: [], contents: [] },
    ];
    const [machine] = report([reading(1, { disks })]);
    expect(machine?.disks?.[0]).not.toHaveProperty('signatures');
    expect(machine?.disks?.[0]?.sizeBytes).toBe('4611686018427387904');
    expect(machine?.disks?.[1]).toMatchObject({ signatures: [], contents: [] });
    expect(machine).not.toHaveProperty('memory');
    expect(machine).not.toHaveProperty('secureBoot');
  });
});

describe('selectMachine', () => {
  const reports = report([reading(1), reading(2), reading(3, { uuid: uuid(2) })], spec);

  it('finds a machine by whatever names it', () => {
    for (const wanted of ['a', uuid(1).toUpperCase(), '525400000001', '10.0.0.1']) {
      expect(selectMachine(reports, wanted).macs).toEqual([mac(1)]);
    }
  });

  it('does not guess between two with one UUID', () => {
    expect(() => selectMachine(reports, uuid(2))).toThrow(
      expect.objectContaining({ code: 'installer/machine-ambiguous' }),
    );
    expect(selectMachine(reports, mac(3)).macs).toEqual([mac(3)]);
  });
});
