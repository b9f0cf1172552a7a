import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import { parseRackFile } from './parse-rack-file.ts';

const rack = `apiVersion: rackwright.dev/v1alpha1
kind: Rack
name: lab
talos:
  version: v1.13.9
kubernetes:
  version: v1.34.1
network:
  interface: eno1
  subnet: 10.0.0.0/24
  vip: 10.0.0.10
boot:
  uki:
    amd64: metal-amd64-uki.efi
machines:
  - name: cp-1
    role: controlplane
    mac: 52:54:00:00:00:01
    address: 10.0.0.11
    disk:
      serial: S1
  - name: node-1
    role: worker
    mac: 52:54:00:00:00:02
    address: 10.0.0.12
    disk:
      model: PM9A3
flux:
  manifest: install.yaml
  source:
    kind: OCIRepository
    url: oci://registry.lab/fleet
    tag: latest
`;

/** A class named `big`, whose keys begin on line 17. */
const withClass = (text: string, keys: string) =>
  text.replace('machines:', `classes:\n  big: {\n    ${keys} }\nmachines:`);
const choosing =
  'role: worker,\n    disk: { serial: X },\n    selector: machine.memoryGB > 1.0,\n    count: 2,\n    addresses: 10.0.0.50-10.0.0.59';
/** The network of node-1, on line 26. */
const withNetwork = (text: string, keys: string) =>
  text.replace(/    disk:\n      model: PM9A3\n/, `    disk: { serial: S2 }\n    network: { ${keys} }\n`);

function refusalOf(text: string): Fault {
  try {
    parseRackFile('rack.yaml', text);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('the rack file was accepted');
}

describe('parseRackFile', () => {
  it('reads a rack file and fills in what it leaves out', () => {
    const { spec, place } = parseRackFile('rack.yaml', rack);
    expect(spec.machines.map((machine) => machine.name)).toEqual(['cp-1', 'node-1']);
    expect([spec.boot.through, spec.boot.localDisk]).toEqual(['auto', 'silence']);
    expect(spec.boot.ports).toEqual({ dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 });
    expect(spec.cluster.cni).toBe('none');
    expect(place(['machines', 1, 'disk', 'model'])).toEqual({
      file: 'rack.yaml',
      path: 'machines[1].disk.model',
      line: 27,
      column: 7,
    });
  });

  const bad: readonly [string, (text: string) => string, { path: string; line: number; says: RegExp }][] = [
    [
      'an unknown key',
      (text) => text.replace('  interface: eno1', '  interfaces: eno1\n  interface: eno1'),
      { path: 'network.interfaces', line: 9, says: /unknown key; allowed here: interface, subnet, gateway/ },
    ],
    [
      'an unknown key of a disk selector',
      (text) => text.replace('model: PM9A3', 'modell: PM9A3'),
      { path: 'machines[1].disk.modell', line: 27, says: /unknown key; allowed here: serial, wwid, model/ },
    ],
    [
      'a duplicate address',
      (text) => text.replace('10.0.0.12', '10.0.0.11'),
      {
        path: 'machines[1].address',
        line: 25,
        says: /10\.0\.0\.11 is used twice; the first is machines\[0\]\.address/,
      },
    ],
    [
      'an address that is the VIP',
      (text) => text.replace('10.0.0.12', '10.0.0.10'),
      { path: 'machines[1].address', line: 25, says: /used twice; the first is network\.vip/ },
    ],
    [
      'a VIP outside its subnet',
      (text) => text.replace('vip: 10.0.0.10', 'vip: 10.0.1.10'),
      { path: 'network.vip', line: 11, says: /outside network\.subnet; allowed: an address in 10\.0\.0\.0\/24/ },
    ],
    [
      'a Talos version that is not supported',
      (text) => text.replace('v1.13.9', 'v1.9.4'),
      {
        path: 'talos.version',
        line: 5,
        says: /v1\.9\.4 is not supported; allowed: v1\.11\.x, v1\.12\.x, v1\.13\.x, v1\.14\.x/,
      },
    ],
    [
      'a Kubernetes version that this Talos does not run',
      (text) => text.replace('v1.34.1', 'v1.28.0'),
      { path: 'kubernetes.version', line: 7, says: /allowed: v1\.31\.x to v1\.36\.x/ },
    ],
    [
      'a VIP that is the address of the network itself',
      (text) => text.replace('vip: 10.0.0.10', 'vip: 10.0.0.0'),
      {
        path: 'network.vip',
        line: 11,
        says: /10\.0\.0\.0 is no host of network\.subnet; allowed: an address in 10\.0\.0\.0\/24/,
      },
    ],
    [
      'a service network over the network of the machines',
      (text) => text.replace('machines:', 'cluster:\n  serviceSubnet: 10.0.0.0/16\nmachines:'),
      { path: 'cluster.serviceSubnet', line: 16, says: /overlaps network\.subnet 10\.0\.0\.0\/24/ },
    ],
    [
      'two services on one port',
      (text) => text.replace('boot:', 'boot:\n  ports: { tftp: 67 }'),
      { path: 'boot.ports.tftp', line: 13, says: /67 is boot\.ports\.dhcp too/ },
    ],
    [
      'a way to boot that nobody knows',
      (text) => text.replace('boot:', 'boot:\n  through: floppy'),
      { path: 'boot.through', line: 13, says: /auto.*uefi-http.*uefi-tftp.*ipxe/ },
    ],
    [
      'a machine that says nothing under boot',
      (text) => text.replace('    disk:\n      serial: S1', '    disk: { serial: S1 }\n    boot: {}'),
      { path: 'machines[0].boot', line: 21, says: /must have through, localDisk or both/ },
    ],
    [
      'addresses for firmware, and none to give',
      (text) => text.replace('boot:', 'boot:\n  dhcp: firmware'),
      { path: 'boot.dhcp', line: 13, says: /firmware gives addresses and boot\.pool names none/ },
    ],
    [
      'iPXE where only firmware gets an address',
      (text) => text.replace('boot:', 'boot:\n  dhcp: firmware\n  pool: 10.0.0.200-10.0.0.210\n  through: ipxe'),
      { path: 'boot.through', line: 15, says: /ipxe, which gets no address with boot\.dhcp: firmware/ },
    ],
    [
      'what only iPXE hands over where only firmware gets an address',
      (text) =>
        text.replace(
          'boot:',
          'boot:\n  dhcp: firmware\n  pool: 10.0.0.200-10.0.0.210\n  maintenanceConfig: [{ file: a.yaml }]',
        ),
      {
        path: 'boot.maintenanceConfig',
        line: 15,
        says: /through iPXE, which gets no address with boot\.dhcp: firmware/,
      },
    ],
    [
      'a machine with a way of its own where another server answers all alike',
      (text) =>
        text
          .replace('boot:', 'boot:\n  dhcp: off')
          .replace('    disk:\n      serial: S1', '    disk: { serial: S1 }\n    boot: { through: uefi-http }'),
      { path: 'machines[0].boot.through', line: 22, says: /another server says one thing to all; allowed: auto/ },
    ],
    [
      'a way to the disk where we answer nobody',
      (text) => text.replace('boot:', 'boot:\n  dhcp: off\n  localDisk: exit'),
      { path: 'boot.localDisk', line: 14, says: /needs our replies, and boot\.dhcp is off; allowed: silence/ },
    ],
    [
      'a disk that is to be larger than it may be',
      (text) => text.replace('model: PM9A3', 'minSizeGB: 9\n      maxSizeGB: 8'),
      { path: 'machines[1].disk', line: 26, says: /minSizeGB above its maxSizeGB/ },
    ],
    [
      'a number where a text is meant',
      (text) => text.replace('serial: S1', 'serial: 123'),
      { path: 'machines[0].disk.serial', line: 21, says: /must be a string: put it in quotes/ },
    ],
    [
      'a missing key',
      (text) => text.replace('  interface: eno1\n', ''),
      { path: 'network.interface', line: 8, says: /is missing; allowed: a string/ },
    ],
    [
      'an unknown role',
      (text) => text.replace('role: worker', 'role: boss'),
      { path: 'machines[1].role', line: 23, says: /allowed: controlplane, worker/ },
    ],
    [
      'a machine that nobody could recognise',
      (text) => text.replace('    mac: 52:54:00:00:00:02\n', ''),
      { path: 'machines[1]', line: 22, says: /uuid or a mac/ },
    ],
    [
      'an even number of control planes',
      (text) => text.replace('role: worker', 'role: controlplane'),
      { path: 'machines', line: 15, says: /odd number/ },
    ],
    [
      'a key written twice',
      (text) => text.replace('kind: Rack', 'kind: Rack\nkind: Rack'),
      { path: '', line: 3, says: /Map keys must be unique/ },
    ],
    [
      'a class that is not there',
      (text) => text.replace('name: node-1', 'name: node-1\n    class: big'),
      { path: 'machines[1].class', line: 23, says: /there is no class big; there are no classes/ },
    ],
    [
      'a machine whose class is for another role',
      (text) => withClass(text, 'role: controlplane').replace('name: node-1', 'name: node-1\n    class: big'),
      { path: 'machines[1].role', line: 27, says: /is worker, but its class big is for a controlplane/ },
    ],
    [
      'a machine that nobody gives a disk',
      (text) => withClass(text, 'role: worker').replace(/    disk:\n      model: PM9A3\n/, '    class: big\n'),
      { path: 'machines[1].disk', line: 25, says: /is missing in it or in its class big/ },
    ],
    [
      'a selector that is no expression',
      (text) => withClass(text, choosing.replace('machine.memoryGB > 1.0', 'machine.memoryGB >')),
      { path: 'classes.big.selector', line: 19, says: /no expression that can be judged: .* at character/ },
    ],
    [
      'a selector over a fact that there is not',
      (text) => withClass(text, choosing.replace('memoryGB', 'memory')),
      {
        path: 'classes.big.selector',
        line: 19,
        says: /No such key: memory at character 9; facts of a machine: uuid, macs/,
      },
    ],
    [
      'a selector that is no condition',
      (text) => withClass(text, choosing.replace('machine.memoryGB > 1.0', 'machine.uuid')),
      { path: 'classes.big.selector', line: 19, says: /gives a string; allowed: a condition/ },
    ],
    [
      'a class whose addresses are those of a machine',
      (text) => withClass(text, choosing.replace('10.0.0.50', '10.0.0.12')),
      { path: 'classes.big.addresses', line: 21, says: /holds the address of machines\[1\]\.address/ },
    ],
    [
      'a class with fewer addresses than machines',
      (text) => withClass(text, choosing.replace('10.0.0.59', '10.0.0.50')),
      { path: 'classes.big.addresses', line: 21, says: /holds 1 addresses for 2 machines/ },
    ],
    [
      'a selector without a count',
      (text) => withClass(text, choosing.replace('count: 2,\n    ', '')),
      { path: 'classes.big', line: 16, says: /selector and count together/ },
    ],
    [
      'a bond of one machine for all of a class',
      (text) =>
        withClass(
          text,
          `${choosing},\n    network: { bond: { mode: active-backup, members: [{ mac: '52:54:00:00:00:09' }] } }`,
        ),
      { path: 'classes.big.network.bond.members[0].mac', line: 22, says: /would fit one machine of the class/ },
    ],
    [
      'LACP settings on a bond without LACP',
      (text) => withNetwork(text, 'bond: { mode: active-backup, members: [{ name: eno1 }], lacpRate: fast }'),
      { path: 'machines[1].network.bond.lacpRate', line: 27, says: /only with 802\.3ad/ },
    ],
    [
      'a VLAN that is there twice',
      (text) => withNetwork(text, 'vlan: 20, vlans: [{ id: 20 }]'),
      { path: 'machines[1].network.vlans[0].id', line: 27, says: /20 is there twice/ },
    ],
    [
      'an address beside DHCP',
      (text) => withNetwork(text, 'vlans: [{ id: 20, dhcp: true, address: 10.1.0.1/24 }]'),
      { path: 'machines[1].network.vlans[0].address', line: 27, says: /stands beside dhcp: true/ },
    ],
    [
      'a router that nobody reaches',
      (text) =>
        withNetwork(text, "vlans: [{ id: 20, address: 10.1.0.1/24, routes: [{ to: 10.9.0.0/16, via: '10.2.0.1' }] }]"),
      {
        path: 'machines[1].network.vlans[0].routes[0].via',
        line: 27,
        says: /10\.2\.0\.1 is outside of 10\.1\.0\.1\/24/,
      },
    ],
    [
      'an installer beside a schematic',
      (text) => text.replace('version: v1.13.9', 'version: v1.13.9\n  installer: x\n  schematic: {}'),
      { path: 'talos.installer', line: 6, says: /both installer and schematic/ },
    ],
    [
      'subnets of kubelets that a machine is not in',
      (text) => text.replace('boot:', 'cluster: { kubeletSubnets: [10.0.0.8/30] }\nboot:'),
      { path: 'cluster.kubeletSubnets', line: 12, says: /holds no address of node-1/ },
    ],
    [
      'a patch that is a file and inline',
      (text) => text.replace('boot:', 'patches: { all: [{ file: x, inline: y }] }\nboot:'),
      { path: 'patches.all[0]', line: 12, says: /either file or inline/ },
    ],
    [
      'a mirror with a password in its address',
      (text) => text.replace('boot:', "registries: { mirrors: { x: { endpoints: ['http://a:b@c'] } } }\nboot:"),
      { path: 'registries.mirrors.x.endpoints[0]', line: 12, says: /hold no password/ },
    ],
    [
      'no machine at all',
      (text) => text.replace(/machines:\n[^]*?flux:/, 'flux:'),
      { path: 'machines', line: 1, says: /names no machine, and no class has a selector/ },
    ],
    [
      'a Flux source that is no address',
      (text) =>
        text.replace(
          /flux:[^]*/,
          'flux: { manifest: i, source: { kind: GitRepository, url: CHANGE-ME, branch: m } }\n',
        ),
      { path: 'flux.source.url', line: 28, says: /^(?!.*password)[^]*must begin with https/ },
    ],
    ['what is no YAML', (text) => text.replace('name: lab', 'name: [lab'), { path: '', line: 4, says: /./ }],
  ];
  it.each(bad)('refuses %s with its place, exit code 4 and what is allowed', (_what, spoil, expected) => {
    const spoilt = spoil(rack);
    expect(spoilt).not.toBe(rack);
    const fault = refusalOf(spoilt);
    expect(fault.exitCode).toBe(4);
    expect(fault.places[0]).toMatchObject({ file: 'rack.yaml', path: expected.path, line: expected.line });
    expect(fault.message).toMatch(expected.says);
  });

  it('gives machines what their class says, and lets them say otherwise', () => {
    const ofClass =
      'disk: { serial: C }, role: worker, storage: [{ serial: D }], network: { mtu: 9000, vlan: 7 }, boot: { through: ipxe }';
    const text = withClass(rack, ofClass)
      .replace(/    role: worker\n/, '    class: big\n    network: { mtu: 1500 }\n    boot: { localDisk: exit }\n')
      .replace('      model: PM9A3\n', '      serial: S2\n');
    const { spec } = parseRackFile('rack.yaml', text);
    expect(spec.machines[1]).toMatchObject({
      role: 'worker',
      disk: { serial: 'S2', except: [{ serial: 'D' }] },
      storage: [{ serial: 'D' }],
      network: { mtu: 1500, vlan: 7 },
      boot: { through: 'ipxe', localDisk: 'exit' },
    });
    expect(spec.machines[0]).not.toHaveProperty('network');
  });

  it.each(['v1.11.6', 'v1.12.7', 'v1.13.9', 'v1.14.0', 'v1.14.0-rc.1'])('takes Talos %s', (version) => {
    expect(parseRackFile('rack.yaml', rack.replace('v1.13.9', version)).spec.talos.version).toBe(version);
  });

  it('tells all problems at once', () => {
    const fault = refusalOf(rack.replace('10.0.0.12', '10.0.0.11').replace('vip: 10.0.0.10', 'vip: 10.9.0.10'));
    expect(fault.places.map((place) => place.path)).toEqual(['network.vip', 'machines[1].address']);
  });
});
