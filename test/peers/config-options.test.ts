import { beforeAll, describe, expect, it } from 'vitest';
import { createSecrets, renderMachineConfig, type TalosSecrets } from '../../talos/index.ts';
import { renderConfigText } from '../../talos/render-config-text.ts';
import { hasSince } from '../../talos/talos-contract.ts';
import { exampleDisk, exampleRequest, exampleSpec } from '../../talos/testing/example-request.ts';
import { parseConfigText } from '../../talos/testing/parse-config-text.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { configOracle, type Oracle, oracleVersions } from './config-oracle.ts';

/** Go judges certificates by the real time. */
const clock = Object.assign(new VirtualClock(), { now: () => new Date() });

const disk = { name: exampleDisk.name, serial: exampleDisk.serial, wwid: exampleDisk.wwid, transport: 'nvme' };
const modes = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'];
const bonded = (mode: string) => ({
  mtu: 9000,
  bond: {
    mode,
    members: [{ name: 'enp*' }],
    hashPolicy: 'layer2+3',
    ...(mode === '802.3ad' ? { lacpRate: 'fast' } : {}),
  },
  vlan: 20,
  vlans: [
    { id: 30, dhcp: true, mtu: 1500 },
    { id: 40, routes: [{ to: '10.50.0.0/16', via: '10.40.0.1' }] },
  ],
  links: [{ name: 'enp3s0', dhcp: true }],
});
const registries = {
  mirrors: {
    'docker.io': { endpoints: ['http://10.0.0.2:5000', 'https://mirror.lab/v2/hub'], overridePath: true },
    '*': { endpoints: ['https://mirror.lab'], fallback: false },
  },
};
const patches = {
  all: [
    {
      inline:
        'machine: {sysctls: {vm.max_map_count: "262144"}}\n---\napiVersion: v1alpha1\nkind: KmsgLogConfig\nname: one\nurl: tcp://10.0.0.1:1/\n',
    },
  ],
  worker: [{ inline: 'machine: {kernel: {modules: [{name: drbd}]}}' }],
  controlplane: [{ inline: 'cluster: {apiServer: {extraArgs: {audit-log-maxage: "30"}}}' }],
};

describe.each(oracleVersions)('Talos $talos', (version) => {
  const { contract } = version;
  /** An early release, which knows the links and mirrors of its own contract, but not all of its documents. */
  const isPrerelease = version.talos.includes('-');
  const release = isPrerelease ? 'v1.13.0' : `${contract}.0`;
  let ask: Oracle;
  let secrets: TalosSecrets;

  beforeAll(async () => {
    [ask, secrets] = await Promise.all([configOracle(version), createSecrets({ clock, random: trueRandom })]);
  });

  const judge = async (yaml: string) => (await ask({ configs: [{ yaml, disks: [disk] }] })).configs[0]!;
  const configOf = (role: 'controlplane' | 'worker', variation: Parameters<typeof exampleSpec>[0], bundle = secrets) =>
    renderMachineConfig({ ...exampleRequest(role, exampleSpec({ talos: release, ...variation })), secrets: bundle });

  it.each(modes)('takes a %s bond with VLANs, mirrors, failure domains and patches as they are meant', async (mode) => {
    for (const role of ['controlplane', 'worker'] as const) {
      const machine = {
        network: bonded(mode),
        failureDomain: { rack: 'a1', pdu: 'p1' },
        storage: [{ serial: 'DATA' }],
      };
      const variation = { network: { gateway: '10.0.0.1' }, rack: { registries, patches }, machine };
      const verdict = await judge(configOf(role, variation));
      expect(verdict).toMatchObject({ error: '', warnings: [] });
      if (isPrerelease) continue;
      expect(verdict.understood).toMatchObject({
        installDisks: [exampleDisk.name],
        nodeLabels: { 'topology.kubernetes.io/zone': 'a1', 'rackwright.dev/pdu': 'p1' },
      });
      const own = { addresses: [role === 'controlplane' ? '10.0.0.11/24' : '10.0.0.12/24'], gateways: ['10.0.0.1'] };
      if (hasSince(contract, 'v1.12')) {
        expect(verdict.understood).toMatchObject({
          links: { bond0: { addresses: [] }, 'bond0.20': own, 'bond0.40': { gateways: [] }, enp3s0: { addresses: [] } },
          vips: role === 'controlplane' ? { '10.0.0.10': 'bond0.20' } : {},
        });
      }
      const [main] = parseConfigText(verdict.encoded);
      expect(main).toMatchObject({ machine: { sysctls: { 'vm.max_map_count': '262144' } } });
      expect(verdict.encoded).toContain(role === 'worker' ? 'name: drbd' : 'audit-log-maxage: "30"');
    }
  });

  it('takes an address from DHCP, a schematic, subnets for kubelet and etcd, and an AES-CBC secret', async () => {
    const { secretboxEncryptionSecret, ...rest } = secrets;
    const older: TalosSecrets = { ...rest, aescbcEncryptionSecret: secretboxEncryptionSecret! };
    const cluster = { kubeletSubnets: ['10.0.0.0/25'], etcdSubnets: ['10.0.0.0/26'] };
    const talos = { version: release, schematic: { customization: { extraKernelArgs: ['console=ttyS1'] } } };
    const variation = { cluster, machine: { network: { dhcp: true } }, rack: { talos } };
    const verdict = await judge(configOf('controlplane', variation, older));
    expect(verdict).toMatchObject({ error: '', warnings: [] });
    expect(verdict.encoded).toContain('aescbcEncryptionSecret:');
    if (isPrerelease) return;
    expect(verdict.understood).toMatchObject({
      kubeletSubnets: ['10.0.0.0/25', '!10.0.0.10/32'],
      controlPlane: { etcdSubnets: ['10.0.0.0/26', '!10.0.0.10/32'] },
      installImage: expect.stringMatching(/^factory\.talos\.dev\/metal-installer\/[0-9a-f]{64}:v1\.\d+\.0$/) as string,
    });
  });

  if (isPrerelease) {
    it('knows the links, mirrors and encryption that a config for 1.14 says', async () => {
      const { secretboxEncryptionSecret, ...rest } = secrets;
      const older: TalosSecrets = { ...rest, aescbcEncryptionSecret: secretboxEncryptionSecret! };
      const variation = { talos: `${contract}.0`, rack: { registries }, machine: { network: bonded('802.3ad') } };
      const known = /^(Bond|VLAN|Link|DHCPv4|Hostname|RegistryMirror|Layer2VIP|KubeEtcdEncryption)Config$/;
      const documents = parseConfigText(configOf('controlplane', variation, older)).filter(({ kind }) =>
        known.test(String(kind)),
      );
      expect(new Set(documents.map(({ kind }) => kind)).size).toBe(8);
      const base = parseConfigText(configOf('controlplane', { talos: 'v1.13.0' })).filter(
        ({ kind }) => kind === undefined,
      );
      // What a document of its own says cannot be in the main one too.
      const { secretboxEncryptionSecret: _, ...cluster } = base[0]!['cluster'] as Record<string, unknown>;
      const verdict = await judge(renderConfigText([{ ...base[0], cluster }, ...documents]));
      expect(verdict).toMatchObject({ error: '', warnings: [] });
    });
  }
});
