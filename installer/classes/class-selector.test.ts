import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inMaintenance } from '../../core/in-maintenance.fixture.ts';
import { parseMac } from '../../core/mac-address.ts';
import { type Machine, machineIdOf } from '../../core/machine.ts';
import { fitOf, selectorProblem } from './class-selector.ts';
import { diskSchema, factSchema, linkSchema } from './machine-facts.ts';

const mac = parseMac('52:54:00:00:00:01')!;
const machine: Machine = {
  id: machineIdOf(mac),
  macs: [mac],
  uuid: '4c4c4544-0042-3510-8052-b4c04f593131',
  talos: {
    address: '10.0.0.201',
    ...inMaintenance,
    links: [
      { name: 'eno1', mac, isUp: true, isPhysical: true, driver: 'mlx5_core', speedMbit: 25_000 },
      { name: 'bond0', mac, isUp: true, isPhysical: false },
    ],
    disks: [
      {
        name: 'nvme0n1',
        path: '/dev/nvme0n1',
        sizeBytes: 4_000n * 10n ** 9n,
        model: 'PM9A3',
        transport: 'nvme',
        rotational: false,
        readOnly: false,
        signatures: [],
        isUnprobed: true,
      },
      { name: 'loop0', path: '/dev/loop0', sizeBytes: 1n, rotational: false, readOnly: true, signatures: [] },
    ],
    hardware: {
      system: { vendor: 'Dell Inc.', product: 'PowerEdge R650' },
      processors: [{ cores: 24 }, { cores: 24 }],
      memory: { totalMiB: 262_144, modules: [] },
      firmwareMode: 'uefi',
    },
  },
};

describe('the selector of a class', () => {
  it.each([
    'machine.vendor.startsWith("Dell") && machine.product.contains("R650")',
    'machine.memoryGB > 256.0 && machine.memoryGB < 282.0',
    'machine.cores == 48',
    'machine.firmware == "uefi"',
    'machine.macs.exists(m, m == "52:54:00:00:00:01")',
    'machine.disks.size() == 1 && machine.disks[0].sizeGB == 4000.0 && machine.disks[0].model == "PM9A3"',
    'machine.links.size() == 1 && machine.links[0].speedMbps >= 25000',
    'machine.vendor == "Dell Inc." || machine.serial == "?"',
  ])('takes a machine for which it is true: %s', (selector) => {
    expect(selectorProblem(selector)).toBeUndefined();
    expect(fitOf(selector, machine)).toEqual({ kind: 'fits' });
  });

  it('leaves out a machine for which it is false', () => {
    expect(fitOf('machine.vendor == "HPE"', machine)).toEqual({ kind: 'differs' });
  });

  it.each(['machine.serial == "X"', 'machine.secureBoot', 'machine.disks.all(d, d.signatures.size() == 0)'])(
    'cannot tell by what nobody could read: %s',
    (selector) => {
      expect(selectorProblem(selector)).toBeUndefined();
      expect(fitOf(selector, machine)).toMatchObject({ kind: 'unknown' });
    },
  );

  it('cannot tell before Talos was read', () => {
    const { talos: _, ...unread } = machine;
    expect(fitOf('true', unread)).toMatchObject({ kind: 'unknown' });
  });

  it('can ask for what the documentation says', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/rack-file.md'), 'utf8');
    const table = text.slice(text.indexOf('| fact '), text.indexOf('- `count`'));
    for (const fact of [factSchema, diskSchema, linkSchema].flatMap((schema) => Object.keys(schema)))
      expect(table).toMatch(new RegExp(`\\b${fact}\``));
  });
});
