import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import { inMaintenance } from '../core/in-maintenance.fixture.ts';
import { parseMac } from '../core/mac-address.ts';
import { type Disk, type Machine, machineIdOf } from '../core/machine.ts';
import { parseRackFile } from './parse-rack-file.ts';
import { renderStarter } from './render-starter.ts';

const disk = (name: string, more: Partial<Disk> = {}): Disk => ({
  name,
  path: `/dev/${name}`,
  sizeBytes: 480n * 10n ** 9n,
  serial: `S-${name}`,
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
  ...more,
});
const machine = (last: number, ...disks: Disk[]): Machine => {
  const mac = parseMac(`52:54:00:00:00:0${last}`)!;
  const address = `10.0.0.20${last}`;
  return {
    id: machineIdOf(mac),
    macs: [mac],
    uuid: `4c4c4544-0042-3510-8052-b4c04f59313${last}`,
    address,
    talos: {
      address,
      ...inMaintenance,
      links: [{ name: 'eno1', mac, isUp: true, isPhysical: true }],
      addresses: [{ link: 'eno1', cidr: `${address}/24` }],
      disks,
      hardware: { system: { vendor: 'Dell', product: 'R650', serial: `TAG${last}\nname: evil` } },
    },
  };
};
const starter = (...machines: Machine[]) =>
  renderStarter({ name: 'lab', talosVersion: 'v1.13.9', kubernetesVersion: 'v1.34.1', machines });
const filled = (text: string) =>
  text
    .replace('interface: CHANGE-ME', 'interface: eno1')
    .replace('vip: CHANGE-ME', 'vip: 10.0.0.10')
    .replace('url: CHANGE-ME', 'url: https://git.lab/fleet');
const problemsOf = (text: string) => {
  try {
    parseRackFile('rack.yaml', text);
    return [];
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.places.map(({ path }) => path);
    throw thrown;
  }
};

describe('renderStarter', () => {
  it('is a rack file once the operator has filled in what nobody could know', () => {
    const text = starter(...[3, 1, 2, 4].map((last) => machine(last, disk('a', { serial: `S-${last}` }))));
    expect([...new Set(problemsOf(text))]).toEqual(['network.vip', 'flux.source.url']);
    const { spec } = parseRackFile('rack.yaml', filled(text));
    expect(spec.network).toMatchObject({ subnet: '10.0.0.0/24' });
    expect(spec.machines.map(({ name, role, mac, address, disk: wish }) => [name, role, mac, address, wish])).toEqual([
      ['cp-1', 'controlplane', '52:54:00:00:00:01', '10.0.0.201', { serial: 'S-1' }],
      ['cp-2', 'controlplane', '52:54:00:00:00:02', '10.0.0.202', { serial: 'S-2' }],
      ['cp-3', 'controlplane', '52:54:00:00:00:03', '10.0.0.203', { serial: 'S-3' }],
      ['node-4', 'worker', '52:54:00:00:00:04', '10.0.0.204', { serial: 'S-4' }],
    ]);
  });

  it('never chooses between disks: it lists them with what is on them, and the file is refused until one is named', () => {
    const text = starter(machine(1, disk('a', { signatures: ['zfs'] }), disk('b')));
    expect(text).toContain('/dev/a 480 GB serial S-a (zfs)');
    expect(text).toContain('/dev/b 480 GB serial S-b (nothing recognised)');
    expect(problemsOf(filled(text))).toEqual(['machines[0].disk.serial']);
  });

  it('leaves out disks that nobody can install on, and says when no disk has a name', () => {
    const text = starter(machine(1, disk('loop0', { transport: '' }), disk('cd', { readOnly: true }), disk('a')));
    expect(problemsOf(filled(text))).toEqual([]);
    const { serial: _, ...nameless } = disk('a');
    expect(problemsOf(filled(starter(machine(1, nameless))))).toEqual(['machines[0].disk.serial']);
  });

  it('is not led astray by what machines say of themselves', () => {
    expect(starter(machine(1, disk('a', { model: 'x\n    disk: { serial: evil }' })))).not.toMatch(
      /^ *(name: evil|disk: .*evil)/m,
    );
  });

  it('says how to go on when no machine was seen', () => {
    expect(starter()).toContain('No machine was seen yet');
    expect(problemsOf(filled(starter()).replace('subnet: CHANGE-ME', 'subnet: 10.0.0.0/24'))).toEqual([
      'machines',
      'machines',
    ]);
  });
});
