import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Disk } from '../../core/machine.ts';
import {
  createAdminKeys,
  createSecrets,
  parseSecretsFile,
  renderMachineConfig,
  renderSecretsFile,
  renderTalosconfig,
  type TalosSecrets,
} from '../../talos/index.ts';
import { exampleDisk, exampleRequest, exampleSpec } from '../../talos/testing/example-request.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { type ConfigVerdict, configOracle, type Oracle, oracleVersions } from './config-oracle.ts';

/** Go judges certificates by the real time. */
const clock = Object.assign(new VirtualClock(), { now: () => new Date() });
const ports = { clock, random: trueRandom };

const roles = ['controlplane', 'worker'] as const;
const networks = [
  { named: 'a bare network', network: {} },
  { named: 'a gateway', network: { gateway: '10.0.0.1' } },
  { named: 'name servers', network: { nameservers: ['10.0.0.2', '10.0.0.3'] } },
  { named: 'time servers', network: { timeServers: ['10.0.0.4', 'ntp.example.org'] } },
  { named: 'all of them', network: { gateway: '10.0.0.1', nameservers: ['10.0.0.2'], timeServers: ['10.0.0.4'] } },
];
const matrix = roles.flatMap((role) =>
  (['none', 'flannel'] as const).flatMap((cni) => networks.map((row) => ({ role, cni, ...row }))),
);

const clientAuth = 2;
const bothAuths = [1, clientAuth];

describe.each(oracleVersions)('Talos $talos', (version) => {
  let ask: Oracle;
  let secrets: TalosSecrets;

  beforeAll(async () => {
    [ask, secrets] = await Promise.all([configOracle(version), createSecrets(ports)]);
  });

  const request = (role: (typeof roles)[number], variation: Parameters<typeof exampleSpec>[0] = {}) => ({
    ...exampleRequest(role, exampleSpec({ talos: version.talos, ...variation })),
    secrets,
  });
  const judge = async (yaml: string, disks: readonly Disk[] = [exampleDisk]): Promise<ConfigVerdict> => {
    const { configs } = await ask({
      configs: [
        {
          yaml,
          disks: disks.map(({ name, serial, wwid, transport }) => ({ name, serial, wwid, transport: transport ?? '' })),
        },
      ],
    });
    return configs[0]!;
  };

  it.each(matrix)('takes the config of a $role with cni $cni and $named as it is meant', async (row) => {
    const { role, cni, network } = row;
    const asked = request(role, { cluster: { cni }, network });
    const verdict = await judge(renderMachineConfig(asked));
    expect(verdict).toMatchObject({ error: '', warnings: [] });
    const { machine, spec } = asked;
    const subnets = ['10.0.0.0/24', '!10.0.0.10/32'];
    const { gateway } = spec.network;
    expect(verdict.understood).toMatchObject({
      type: role,
      hostname: machine.name,
      autoHostname: 'off',
      endpoint: 'https://10.0.0.10:6443',
      clusterName: 'rack-1',
      installImage: `ghcr.io/siderolabs/installer:${version.talos}`,
      installDisks: [exampleDisk.name],
      installWipe: false,
      kubeletImage: 'ghcr.io/siderolabs/kubelet:v1.34.1',
      kubeletSubnets: subnets,
      machineSANs: [machine.address],
      cni,
      podSubnets: ['10.244.0.0/16'],
      serviceSubnets: ['10.96.0.0/16'],
      dnsDomain: 'cluster.local',
      kubePrismPort: 7445,
      discoveryEnabled: false,
      links: { enp1s0: { addresses: [`${machine.address}/24`], gateways: gateway === undefined ? [] : [gateway] } },
      nameservers: spec.network.nameservers,
      vips: role === 'controlplane' ? { '10.0.0.10': 'enp1s0' } : {},
    });
    if (spec.network.timeServers.length > 0) {
      expect(verdict.understood).toHaveProperty('timeServers', spec.network.timeServers);
    }
    expect(verdict.understood?.['controlPlane']).toEqual(
      role === 'worker'
        ? undefined
        : {
            apiServerImage: 'registry.k8s.io/kube-apiserver:v1.34.1',
            apiServerSANs: ['10.0.0.10', '10.0.0.11', '127.0.0.1'],
            proxyEnabled: cni === 'flannel',
            runsWorkloads: true,
            etcdSubnets: subnets,
            admissionPlugins: ['PodSecurity'],
          },
    );
  });

  it('keeps workloads and load balancers off control planes when the rack file says so', async () => {
    const verdict = await judge(
      renderMachineConfig(request('controlplane', { cluster: { scheduleOnControlPlanes: false } })),
    );
    expect(verdict).toMatchObject({
      error: '',
      understood: {
        nodeLabels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' },
        controlPlane: { runsWorkloads: false },
      },
    });
  });

  it('would install on the approved disk and on none that is like it', async () => {
    const like: readonly Disk[] = [
      { ...exampleDisk, name: 'same-serial', wwid: 'eui.other' },
      { ...exampleDisk, name: 'same-wwid', serial: 'other' },
      { ...exampleDisk, name: 'longer-serial', serial: `${exampleDisk.serial}1` },
      { ...exampleDisk, name: 'device-mapper', transport: '' },
      exampleDisk,
    ];
    const verdict = await judge(renderMachineConfig(request('worker')), like);
    expect(verdict.understood).toHaveProperty('installDisks', [exampleDisk.name]);
  });

  it('finds disks whose serial numbers look like something else in YAML', async () => {
    for (const serial of [
      '0123',
      '1e5',
      'off',
      '12:30',
      '0x1F',
      '1_000',
      'null',
      '~',
      '=',
      '<<',
      ' S1',
      'S 1',
      '"',
      '#1',
    ]) {
      const { wwid: _, ...disk } = { ...exampleDisk, serial };
      const verdict = await judge(renderMachineConfig({ ...request('worker'), installDisk: disk }), [disk]);
      expect(verdict, serial).toMatchObject({ error: '', understood: { installDisks: [disk.name] } });
    }
  });

  it('differs from what Talos generates itself in nothing but what we mean to differ in', async () => {
    const spec = exampleSpec({
      talos: version.talos,
      cluster: { cni: 'flannel', serviceSubnet: '10.96.0.0/12', scheduleOnControlPlanes: false },
    });
    const { generated } = await ask({
      contract: version.talos,
      secrets: renderSecretsFile(secrets),
      generate: { clusterName: spec.name, endpoint: 'https://10.0.0.10:6443', kubernetesVersion: '1.34.1' },
    });
    for (const role of roles) {
      const ours = documentsOf(renderMachineConfig({ ...exampleRequest(role, spec), secrets }));
      const theirs = documentsOf(generated![role]);
      expect(differences(theirs, ours).sort()).toEqual([
        'HostnameConfig.auto',
        'main.cluster.discovery.enabled',
        'main.cluster.discovery.registries',
        'main.machine.certSANs',
        ...(version.talos.startsWith('v1.12.') ? ['main.machine.network'] : []),
      ]);
    }
  });

  it('refuses what is wrong, so that its consent means something', async () => {
    const good = renderMachineConfig(request('worker'));
    const broken: [change: string, yaml: string, error: RegExp][] = [
      ['an unknown key', good.replace('  kubelet:', '  kubelets: {}\n  kubelet:'), /unknown keys/],
      ['no install disk', good.replace(/ {4}diskSelector:\n( {6}.*\n)+/, ''), /install/],
      ['a machine of no type', good.replace('type: worker', 'type: queen'), /queen/],
      ['no endpoint', good.replace(/ {4}endpoint: .*\n/, ''), /endpoint/],
      ['a hostname beside an automatic one', good.replace('auto: "off"', 'auto: stable'), /hostname/i],
      ['a document twice', `${good}---\n${good.split('---\n')[1] ?? ''}`, /duplicate/],
      ["an authority's key on a worker", good.replace(/key: ""/, 'key: LS0tLS1CRUdJTg=='), /non-controlplane/],
    ];
    for (const [change, yaml, error] of broken) {
      expect(yaml, change).not.toBe(good);
      expect((await judge(yaml)).error, change).toMatch(error);
    }
  });

  it('is the release that it says: only 1.13 has EnvironmentConfig', async () => {
    const newer = 'apiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables:\n  A: b\n';
    const { error } = await judge(`${renderMachineConfig(request('worker'))}---\n${newer}`);
    if (version.talos.startsWith('v1.13.')) expect(error).toBe('');
    else expect(error).toMatch(/EnvironmentConfig/);
  });

  it('reads our secrets, and signs with the authorities in them', async () => {
    const answer = await ask({ secrets: renderSecretsFile(secrets) });
    const authority = { isCA: true, hours: 87_600, keyUsage: 33, extKeyUsages: bothAuths, commonName: '' };
    const ecdsa = { ...authority, keyAlgorithm: 'ECDSA, EC PRIVATE KEY' };
    expect(answer.secrets).toMatchObject({
      error: '',
      authorities: {
        os: { ...authority, organizations: ['talos'], keyAlgorithm: 'Ed25519, ED25519 PRIVATE KEY' },
        k8s: { ...ecdsa, organizations: ['kubernetes'] },
        etcd: { ...ecdsa, organizations: ['etcd'] },
        k8saggregator: { ...ecdsa, organizations: null },
      },
    });
  });

  it('makes an admin like ours: same roles, usages, life and kind of key', async () => {
    const keys = await createAdminKeys(secrets, ports);
    const talosconfig = renderTalosconfig({ cluster: 'rack-1', endpoints: ['10.0.0.11'], keys });
    const answer = await ask({ secrets: renderSecretsFile(secrets), talosconfig });
    expect(answer.talosconfig).toMatchObject({ error: '', context: 'rack-1', endpoints: ['10.0.0.11'] });
    expect(answer.talosconfig?.client).toEqual(answer.secrets?.signedAdmin);
    expect(answer.talosconfig?.client).toMatchObject({ organizations: ['os:admin'], extKeyUsages: [clientAuth] });
  });

  it('refuses an admin of another authority and secrets with a part missing', async () => {
    const keys = await createAdminKeys(await createSecrets(ports), ports);
    const talosconfig = renderTalosconfig({ cluster: 'x', endpoints: [], keys: { ...keys, ca: secrets.osCa.crt } });
    const broken = renderSecretsFile(secrets).replace(/ {4}secretboxencryptionsecret: .*\n/, '');
    const answer = await ask({ secrets: broken, talosconfig });
    expect(answer.talosconfig?.error).toMatch(/unknown authority/);
    expect(answer.secrets?.error).toMatch(/secretboxencryptionsecret/);
  });

  it('reads the same secrets as we do', () => {
    expect(parseSecretsFile(renderSecretsFile(secrets))).toEqual(secrets);
  });
});

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The documents by kind; the main one has none. */
function documentsOf(yaml: string): Tree {
  const documents = parseAllDocuments(yaml).map((document) => document.toJS() as Tree);
  return Object.fromEntries(documents.map((document) => [document['kind'] ?? 'main', document])) as Tree;
}

/** Paths at which `other` lacks what is in `one`, or says something else. What `other` has more does not count. */
function differences(one: Tree, other: Tree, path = ''): string[] {
  return Object.entries(one).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const there = other[key];
    if (isTree(value) && isTree(there)) return differences(value, there, at);
    return isDeepStrictEqual(value, there) ? [] : [at];
  });
}
