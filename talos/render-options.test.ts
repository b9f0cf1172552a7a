import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { checkPatches } from './check-patches.ts';
import { renderMachineConfig } from './render-machine-config.ts';
import { schematicId } from './schematic/schematic-id.ts';
import { talosContracts } from './talos-contract.ts';
import { exampleRequest, exampleSpec } from './testing/example-request.ts';
import { fakeSecrets } from './testing/fake-secrets.ts';
import { validateConfig } from './validate/validate-config.ts';

type Variation = NonNullable<Parameters<typeof exampleSpec>[0]>;
type Tree = Readonly<Record<string, unknown>>;

/** The documents of a rendered config by kind and name; the main one is `main`. */
function render(role: 'controlplane' | 'worker', variation: Variation, secrets: Tree = {}): Map<string, Tree> {
  const request = exampleRequest(role, exampleSpec(variation));
  const text = renderMachineConfig({ ...request, secrets: { ...request.secrets, ...secrets } });
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Tree);
  return new Map(documents.map((one) => [[one['kind'] ?? 'main', one['name']].filter(Boolean).join(' '), one]));
}

const bond = { mode: '802.3ad', members: [{ name: 'enp*' }], lacpRate: 'fast', hashPolicy: 'layer3+4' };
const network = {
  mtu: 9000,
  bond,
  vlan: 20,
  vlans: [
    { id: 30, dhcp: true },
    { id: 40, routes: [{ to: '10.50.0.0/16', via: '10.40.0.1' }], mtu: 1500 },
  ],
  links: [{ name: 'enp3s0', dhcp: true, mtu: 1400 }],
};

describe('the network of a machine', () => {
  it('puts the address and the shared one on the VLAN of the bond, with documents since 1.12', () => {
    const documents = render('controlplane', { network: { gateway: '10.0.0.1' }, machine: { network } });
    expect(documents.get('BondConfig bond0')).toMatchObject({
      links: ['enp1s0', 'enp2s0'],
      bondMode: '802.3ad',
      lacpRate: 'fast',
      xmitHashPolicy: 'layer3+4',
      mtu: 9000,
      up: true,
    });
    expect(documents.get('BondConfig bond0')).not.toHaveProperty('addresses');
    expect(documents.get('VLANConfig bond0.20')).toMatchObject({
      vlanID: 20,
      parent: 'bond0',
      mtu: 9000,
      addresses: [{ address: '10.0.0.11/24' }],
      routes: [{ gateway: '10.0.0.1' }],
    });
    expect(documents.get('Layer2VIPConfig 10.0.0.10')).toHaveProperty('link', 'bond0.20');
    expect(documents.get('DHCPv4Config bond0.30')).toHaveProperty('ignoreHostname', true);
    expect(documents.get('VLANConfig bond0.40')).toMatchObject({
      mtu: 1500,
      routes: [{ destination: '10.50.0.0/16', gateway: '10.40.0.1' }],
    });
    expect(documents.get('LinkConfig enp3s0')).toMatchObject({ mtu: 1400, up: true });
    expect(documents.has('DHCPv4Config enp3s0')).toBe(true);
    expect(documents.has('LinkConfig enp1s0')).toBe(false);
  });

  it('says the same in one section for 1.11', () => {
    const talos = 'v1.11.6';
    const main = render('controlplane', { talos, network: { gateway: '10.0.0.1' }, machine: { network } }).get('main');
    expect(main).toHaveProperty('machine.network.interfaces', [
      {
        interface: 'bond0',
        mtu: 9000,
        bond: {
          interfaces: ['enp1s0', 'enp2s0'],
          mode: '802.3ad',
          miimon: 100,
          xmitHashPolicy: 'layer3+4',
          lacpRate: 'fast',
        },
        vlans: [
          {
            vlanId: 20,
            mtu: 9000,
            addresses: ['10.0.0.11/24'],
            routes: [{ network: '0.0.0.0/0', gateway: '10.0.0.1' }],
            vip: { ip: '10.0.0.10' },
          },
          { vlanId: 30, dhcp: true },
          { vlanId: 40, mtu: 1500, routes: [{ network: '10.50.0.0/16', gateway: '10.40.0.1' }] },
        ],
      },
      { interface: 'enp3s0', mtu: 1400, dhcp: true },
    ]);
  });

  it('leaves the address and the default route to DHCP where the rack file says so', () => {
    const documents = render('worker', { network: { gateway: '10.0.0.1' }, machine: { network: { dhcp: true } } });
    expect(documents.get('LinkConfig enp1s0')).toEqual({
      apiVersion: 'v1alpha1',
      kind: 'LinkConfig',
      name: 'enp1s0',
      up: true,
    });
    expect(documents.has('DHCPv4Config enp1s0')).toBe(true);
  });

  it('names a VLAN so that the kernel has room for it', () => {
    const request = exampleRequest('worker', exampleSpec({ machine: { network: { vlan: 4000 } } }));
    const text = renderMachineConfig({ ...request, link: 'enp193s0f1np1' });
    expect(text).toContain('name: vlan4000\n');
    expect(text).toContain('parent: enp193s0f1np1\n');
  });
});

describe('options of the rack file in the config', () => {
  const registries = {
    mirrors: { 'docker.io': { endpoints: ['http://10.0.0.2:5000'], fallback: false, overridePath: true } },
  };

  it('asks mirrors first, or only them', () => {
    expect(render('worker', { rack: { registries } }).get('RegistryMirrorConfig docker.io')).toMatchObject({
      endpoints: [{ url: 'http://10.0.0.2:5000', overridePath: true }],
      skipFallback: true,
    });
    expect(render('worker', { talos: 'v1.11.6', rack: { registries } }).get('main')).toHaveProperty(
      'machine.registries.mirrors',
      { 'docker.io': { endpoints: ['http://10.0.0.2:5000'], overridePath: true, skipFallback: true } },
    );
  });

  it('makes the failure domain labels of the node, beside those of its role', () => {
    const machine = { failureDomain: { rack: 'a1', pdu: 'p2' } };
    const labels = { 'topology.kubernetes.io/zone': 'a1', 'rackwright.dev/pdu': 'p2' };
    expect(render('worker', { machine }).get('main')).toHaveProperty('machine.nodeLabels', labels);
    const cluster = { scheduleOnControlPlanes: false };
    expect(render('controlplane', { machine, cluster }).get('main')).toHaveProperty('machine.nodeLabels', {
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
      ...labels,
    });
    const newest = render('worker', { talos: 'v1.14.0', machine }).get('KubeNodeConfig');
    expect(newest).toHaveProperty('labels', labels);
  });

  it('takes the installer of the schematic, whose id it computes', () => {
    const customization = { systemExtensions: { officialExtensions: ['siderolabs/drbd'] } };
    const id = schematicId({ customization });
    const talos = (more: object) => ({ version: 'v1.13.9', ...more });
    const imageWith = (more: object) => render('worker', { rack: { talos: talos(more) } }).get('main');
    expect(imageWith({ schematic: { customization } })).toHaveProperty(
      'machine.install.image',
      `factory.talos.dev/metal-installer/${id}:v1.13.9`,
    );
    expect(imageWith({ schematic: id, factory: 'factory.lab', secureBoot: true })).toHaveProperty(
      'machine.install.image',
      `factory.lab/metal-installer-secureboot/${id}:v1.13.9`,
    );
    expect(imageWith({ installer: 'registry.lab/installer' })).toHaveProperty(
      'machine.install.image',
      'registry.lab/installer:v1.13.9',
    );
  });

  it('looks for node addresses and etcd members only where the rack file says', () => {
    const cluster = { kubeletSubnets: ['10.0.0.0/25'], etcdSubnets: ['10.0.0.0/26'] };
    const main = render('controlplane', { cluster }).get('main');
    expect(main).toHaveProperty('machine.kubelet.nodeIP.validSubnets', ['10.0.0.0/25', '!10.0.0.10/32']);
    expect(main).toHaveProperty('cluster.etcd.advertisedSubnets', ['10.0.0.0/26', '!10.0.0.10/32']);
  });

  it('gives a cluster with an AES-CBC secret that one, under the name that older releases gave it', () => {
    const secrets = { secretboxEncryptionSecret: undefined, aescbcEncryptionSecret: 'aescbc-secret=' };
    const main = render('controlplane', {}, secrets).get('main') as { cluster: Tree };
    expect(main.cluster['aescbcEncryptionSecret']).toBe('aescbc-secret=');
    expect(main.cluster).not.toHaveProperty('secretboxEncryptionSecret');
    const newest = render('controlplane', { talos: 'v1.14.0' }, secrets).get('KubeEtcdEncryptionConfig');
    expect(newest).toHaveProperty('config.resources[0].providers', [
      { aescbc: { keys: [{ name: 'key1', secret: 'aescbc-secret=' }] } },
      { identity: {} },
    ]);
    expect(render('controlplane', {}).get('main')).toHaveProperty(
      'cluster.secretboxEncryptionSecret',
      fakeSecrets.secretboxEncryptionSecret,
    );
  });

  it('applies patches of all, then of the role, of the class, and of the machine', () => {
    const sysctl = (value: string) => [{ inline: `machine: {sysctls: {last: "${value}", of-${value}: "1"}}` }];
    const rack = {
      patches: { all: sysctl('all'), worker: sysctl('worker'), controlplane: sysctl('controlplane') },
      classes: { big: { patches: sysctl('class') } },
    };
    const own = render('worker', { rack, machine: { class: 'big', patches: sysctl('machine') } }).get('main');
    expect(own).toHaveProperty('machine.sysctls', {
      last: 'machine',
      'of-all': '1',
      'of-worker': '1',
      'of-class': '1',
      'of-machine': '1',
    });
    expect(render('worker', { rack, machine: { class: 'big' } }).get('main')).toHaveProperty(
      'machine.sysctls.last',
      'class',
    );
    expect(render('worker', { rack }).get('main')).toHaveProperty('machine.sysctls.last', 'worker');
  });

  it.each(talosContracts)('makes nothing for %s that our own checks would refuse', (contract) => {
    const rack = { registries, patches: { all: [{ inline: 'machine: {sysctls: {a: "1"}}' }] } };
    const machine = { network, failureDomain: { rack: 'a1' }, storage: [{ serial: 'DATA' }] };
    for (const role of ['controlplane', 'worker'] as const) {
      const spec = exampleSpec({ talos: `${contract}.0`, rack: contract === 'v1.14' ? { registries } : rack, machine });
      const request = exampleRequest(role, spec);
      expect(validateConfig(renderMachineConfig(request), { minor: contract })).toEqual([]);
      expect(checkPatches(spec, request.machine)).toEqual([]);
    }
  });

  it('never has a storage disk in it', () => {
    for (const contract of talosContracts) {
      const machine = { storage: [{ serial: 'DATA-DISK' }] };
      expect(
        renderMachineConfig(exampleRequest('worker', exampleSpec({ talos: `${contract}.0`, machine }))),
      ).not.toContain('DATA-DISK');
    }
  });
});
