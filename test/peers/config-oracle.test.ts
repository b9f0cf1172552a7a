import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Disk } from '../../core/machine.ts';
import type { PlainDocument } from '../../talos/document-builder/config-document.ts';
import {
  createAdminKeys,
  createSecrets,
  parseSecretsFile,
  renderMachineConfig,
  renderSecretsFile,
  renderTalosconfig,
  type TalosSecrets,
} from '../../talos/index.ts';
import { installDiskExpression, installDiskSelector } from '../../talos/install-disk-selector.ts';
import { renderConfigText } from '../../talos/render-config-text.ts';
import { hasSince, talosContracts } from '../../talos/talos-contract.ts';
import { exampleDisk, exampleRequest, exampleSpec } from '../../talos/testing/example-request.ts';
import { parseConfigText } from '../../talos/testing/parse-config-text.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { acceptedDifferences } from './accepted-differences.ts';
import { configDifferences } from './config-differences.ts';
import { type ConfigVerdict, configOracle, type Oracle, type OracleDisk, oracleVersions } from './config-oracle.ts';

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
  const { contract } = version;
  const release = `${contract}.0`;
  /** An early release of the minor, which does not have all of its kinds of documents yet. */
  const isPrerelease = version.talos.includes('-');
  let ask: Oracle;
  let secrets: TalosSecrets;

  beforeAll(async () => {
    [ask, secrets] = await Promise.all([configOracle(version), createSecrets(ports)]);
  });

  const request = (role: (typeof roles)[number], variation: Parameters<typeof exampleSpec>[0] = {}) => ({
    ...exampleRequest(role, exampleSpec({ talos: release, ...variation })),
    secrets,
  });
  const judge = async (yaml: string, disks: readonly Disk[] = [exampleDisk]): Promise<ConfigVerdict> => {
    const { configs } = await ask({ configs: [{ yaml, disks: disks.map(oracleDisk) }] });
    return configs[0]!;
  };

  if (!isPrerelease) {
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
        autoHostname: hasSince(contract, 'v1.12') ? 'off' : '',
        endpoint: 'https://10.0.0.10:6443',
        clusterName: 'rack-1',
        installImage: `ghcr.io/siderolabs/installer:${release}`,
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
  }

  it('would install on the approved disk and on none that is like it', async () => {
    const like: readonly Disk[] = [
      { ...exampleDisk, name: 'same-serial', wwid: 'eui.other' },
      { ...exampleDisk, name: 'same-wwid', serial: 'other' },
      { ...exampleDisk, name: 'longer-serial', serial: `${exampleDisk.serial}1` },
      { ...exampleDisk, name: 'device-mapper', transport: '' },
      exampleDisk,
    ];
    const expression = installDiskExpression(installDiskSelector(exampleDisk, 'node-1'));
    const { matches } = await ask({ matches: [{ expression, disks: like.map(oracleDisk) }] });
    expect(matches).toEqual([{ error: '', disks: [exampleDisk.name] }]);
    if (isPrerelease) return;
    const verdict = await judge(renderMachineConfig(request('worker')), like);
    expect(verdict.understood).toHaveProperty('installDisks', [exampleDisk.name]);
  });

  it('finds disks whose serial numbers look like something else in YAML or CEL', async () => {
    for (const serial of [
      ...['0123', '0o17', '0b1', '1e5', 'off', '12:30', '0x1F', '1_000', 'null', '~', '=', '<<'],
      ...[' S1', 'S 1', '"', "'", '#1', '\t1', 'ü', '\u0085', 'S\u2028 1', 'S\u20291', '\ufffe', '\u0080', '\u007f'],
      ...['\n', ' \n', '\t\n', '\nS1', 'S1\n \n', 'S1\n\n', ' S\n1', 'S\n\t1'],
    ]) {
      const { wwid: _, ...disk } = { ...exampleDisk, serial };
      const disks = [oracleDisk(disk)];
      const expression = installDiskExpression(installDiskSelector(disk, 'node-1'));
      const { matches } = await ask({ matches: [{ expression, disks }] });
      expect(matches, serial).toEqual([{ error: '', disks: [disk.name] }]);
      if (isPrerelease) continue;
      const verdict = await judge(renderMachineConfig({ ...request('worker'), installDisk: disk }), [disk]);
      expect(verdict, serial).toMatchObject({ error: '', understood: { installDisks: [disk.name] } });
    }
  });

  it('takes configs of its own and of older contracts, and none of newer ones', async () => {
    for (const other of talosContracts) {
      for (const role of roles) {
        const yaml = renderMachineConfig(request(role, { talos: `${other}.0` }));
        const { error } = await judge(yaml);
        // What we make for 1.12 and for 1.13 is the same.
        const known = hasSince(contract, other) || (contract === 'v1.12' && other === 'v1.13');
        if (known && !(isPrerelease && other === contract)) expect(error, other).toBe('');
        else expect(error, other).toMatch(/not registered|unknown keys/);
      }
    }
  });

  it('differs from what Talos generates itself in nothing but what we mean to differ in', async () => {
    const spec = exampleSpec({
      talos: release,
      cluster: { cni: 'flannel', serviceSubnet: '10.96.0.0/12', scheduleOnControlPlanes: false },
    });
    const { generated } = await ask({
      contract: version.talos,
      secrets: renderSecretsFile(secrets),
      generate: { clusterName: spec.name, endpoint: 'https://10.0.0.10:6443', kubernetesVersion: '1.34.1' },
    });
    for (const role of roles) {
      const ours = renderMachineConfig({ ...exampleRequest(role, spec), secrets });
      const found = configDifferences(generated![role], ours);
      const accepted = acceptedDifferences(contract, role, isPrerelease);
      const covers = (path: string) => (difference: string) => difference === path || difference.startsWith(`${path}.`);
      expect(found.filter((difference) => !accepted.some((path) => covers(path)(difference)))).toEqual([]);
      expect(accepted.filter((path) => !found.some(covers(path)))).toEqual([]);
    }
  });

  it('reads any text and any tree as it was meant', async () => {
    // Not what Talos itself writes wrongly: old line breaks, and blanks before lines. It reads ours in the test above.
    const text = fc.string({ unit: 'binary' }).filter((any) => !/[\u0085\u2028\u2029]|^\s|\n\s/.test(any));
    const tricky = fc.stringMatching(/^[-+]?(0[xob]?)?[0-9_.:eE-]{1,8}$/);
    const leaf = fc.oneof(
      text,
      tricky,
      fc.integer(),
      fc.boolean(),
      fc.constantFrom('yes', 'off', 'null', '~', '=', '', '\ufeff'),
    );
    const tree = fc.dictionary(
      fc.oneof(text, tricky).filter((key) => key !== '' && key !== '<<' && key !== '__proto__'),
      fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.stringMatching(/^[a-z0-9]{1,8}$/), leaf)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 20 }), fc.array(tree, { minLength: 20 }), async (texts, trees) => {
        const files = texts.map((content) => [{ content, mountPath: '/etc/file' }]);
        const plugins = trees.map((configuration) => [{ name: 'plugin', configuration }]);
        const documents = [...files.map(extensionService), ...plugins.map(admissionControl)];
        const { configs } = await ask({
          configs: documents.map((document) => ({ yaml: renderConfigText([document]), disks: [] })),
        });
        const read = configs.map(({ encoded }) => parseConfigText(encoded)[0]);
        for (const [index, document] of documents.entries()) {
          const what = index < files.length ? 'configFiles' : 'cluster.apiServer.admissionControl';
          const meant = [...files, ...plugins][index];
          expect(read[index], renderConfigText([document])).toHaveProperty(what, meant);
        }
      }),
      { numRuns: 10, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
    );
  });

  if (!isPrerelease) {
    it('refuses what is wrong, so that its consent means something', async () => {
      const good = renderMachineConfig(request('worker'));
      const broken: [change: string, yaml: string, error: RegExp][] = [
        ['an unknown key', good.replace('  kubelet:', '  kubelets: {}\n  kubelet:'), /unknown keys/],
        ['no install disk', good.replace(/ {4}diskSelector:\n( {6}.*\n)+/, ''), /install/],
        ['a machine of no type', good.replace('type: worker', 'type: queen'), /queen/],
        ['no endpoint', good.replace(/ {4}endpoint: .*\n/, ''), /endpoint/],
        ['a document twice', `${good}---\n${anyDocument}---\n${anyDocument}`, /duplicate/],
        ["an authority's key on a worker", good.replace(/key: ""/, 'key: LS0tLS1CRUdJTg=='), /non-controlplane/],
      ];
      if (hasSince(contract, 'v1.12')) {
        broken.push(['a hostname beside an automatic one', good.replace('auto: "off"', 'auto: stable'), /hostname/i]);
      }
      for (const [change, yaml, error] of broken) {
        expect(yaml, change).not.toBe(good);
        expect((await judge(yaml)).error, change).toMatch(error);
      }
    });
  }

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

/** A document that every Talos takes. */
const anyDocument = 'apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: one\nurl: tcp://10.0.0.1:1/\n';

const oracleDisk = ({ name, serial, wwid, transport }: Disk): OracleDisk => ({
  name,
  serial,
  wwid,
  transport: transport ?? '',
});

/** Where any text can stand in every Talos. */
const extensionService = (configFiles: unknown): PlainDocument => ({
  apiVersion: 'v1alpha1',
  kind: 'ExtensionServiceConfig',
  name: 'extension',
  configFiles,
});

/** Where any tree can stand in every Talos. */
const admissionControl = (plugins: unknown): PlainDocument => ({
  version: 'v1alpha1',
  machine: { type: 'controlplane' },
  cluster: { apiServer: { admissionControl: plugins } },
});
