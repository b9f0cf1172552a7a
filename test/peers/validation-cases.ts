import fc from 'fast-check';
import { Document, parseAllDocuments } from 'yaml';
import type { TalosContract } from '../../talos/talos-contract.ts';

const pem = Buffer.from('-----BEGIN X-----\n').toString('base64');

const main = (role: 'controlplane' | 'worker'): string => `
version: v1alpha1
machine:
  type: ${role}
  token: abcdef.0123456789abcdef
  ca: {crt: ${pem}, key: ${role === 'controlplane' ? pem : '""'}}
  certSANs: []
  kubelet: {image: "ghcr.io/siderolabs/kubelet:v1.34.1", nodeIP: {validSubnets: [10.0.0.0/24, "!10.0.0.5"]}}
  install: {disk: /dev/sda, wipe: false}
  features: {hostDNS: {enabled: true, forwardKubeDNSToHost: true}}
cluster:
  id: an-id
  secret: a-secret
  controlPlane: {endpoint: "https://10.0.0.10:6443"}
  clusterName: one
  network: {dnsDomain: cluster.local, podSubnets: [10.244.0.0/16], serviceSubnets: [10.96.0.0/12]}
  discovery: {enabled: true}
  token: abcdef.0123456789abcdef
${role === 'controlplane' ? `  etcd: {ca: {crt: ${pem}, key: ${pem}}}\n  secretboxEncryptionSecret: a-secret\n` : ''}`;

/** Sets values, by path, of the document of a kind; undefined deletes. A document that is not there is added. */
interface Change {
  readonly of?: string;
  readonly name?: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly since?: TalosContract;
}

const texts = (path: string, values: readonly unknown[]): Change[] =>
  values.map((value) => ({ set: { [path]: value } }));
const endpoints = [
  'https://a',
  'https://[::1]:6443',
  'http://a:1',
  'https://:6443',
  'https://a:0',
  'https://a:70000',
  'a:6443',
  'a',
  '',
  'https://a/x',
];
const subnets = [
  ['10.0.0.1'],
  ['!10.0.0.0/8'],
  ['10.0.0.0/33'],
  ['fd00::/8'],
  ['fd00::1/200'],
  ['x'],
  ['10.0.0'],
  [''],
  ['10.0.0.0/08'],
];
const nodeNames = [
  { a: 'b' },
  { 'a.b/c': '' },
  { 'A/c': 'x' },
  { 'a/b/c': 'x' },
  { a: 'no spaces' },
  { '-a': 'x' },
  { ['a'.repeat(64)]: 'x' },
  { a: 'x'.repeat(64) },
];

/** What an operator may get right or wrong, one at a time. */
const changes: readonly Change[] = [
  { set: {} },
  ...texts('machine', [undefined, {}]),
  ...texts('cluster', [undefined, {}]),
  ...texts('machine.type', ['init', 'worker', 'controlplane', 'queen', 'unknown', 'join', undefined]),
  ...texts('machine.ca', [undefined, { crt: pem }, { key: pem }, { crt: pem, key: pem }, {}]),
  { set: { 'machine.ca': undefined, 'machine.acceptedCAs': [{ crt: pem }] } },
  { set: { 'machine.ca': { key: '' }, 'machine.acceptedCAs': [{ crt: pem }] } },
  ...texts('machine.install', [
    undefined,
    { disk: '' },
    { diskSelector: { type: 'ssd' } },
    { diskSelector: { size: '>= 1TB' } },
  ]),
  ...texts('machine.install.diskSelector', [{ name: 'sda' }, { serial: 'x' }]),
  { set: { 'machine.install.extraKernelArgs': ['x'] } },
  { since: 'v1.12', set: { 'machine.install.extraKernelArgs': ['x'], 'machine.install.grubUseUKICmdline': true } },
  { since: 'v1.12', set: { 'machine.install.grubUseUKICmdline': true } },
  ...texts('cluster.controlPlane', [undefined, {}]),
  ...texts('cluster.controlPlane.endpoint', endpoints),
  ...texts('cluster.network.dnsDomain', ['a b', 'x', '-x', 'a..b', 'a.b.']),
  ...texts('cluster.ca', [
    { crt: pem, key: pem },
    { crt: pem, key: '' },
  ]),
  ...texts('cluster.etcd', [undefined, {}, { ca: { crt: pem, key: pem }, subnet: '10.0.0.0/8' }]),
  { set: { 'cluster.etcd.subnet': '10.0.0.0/8', 'cluster.etcd.advertisedSubnets': ['10.0.0.0/8'] } },
  ...texts('cluster.etcd.advertisedSubnets', subnets),
  ...texts('cluster.etcd.listenSubnets', subnets),
  ...texts('machine.kubelet.nodeIP.validSubnets', subnets),
  ...texts('cluster.inlineManifests', [
    [{ name: 'a', contents: 'x' }],
    [{ name: '', contents: 'x' }],
    [
      { name: 'a', contents: 'x' },
      { name: 'a', contents: 'y' },
    ],
  ]),
  ...texts('cluster.discovery', [
    undefined,
    { enabled: false },
    { enabled: true, registries: { service: { disabled: true } } },
  ]),
  ...texts('cluster.discovery.registries.service.endpoint', ['https://d/', 'https://d/path', 'https://d']),
  ...texts('cluster.id', ['', undefined]),
  ...texts('cluster.secret', [undefined]),
  ...texts('cluster.network.cni', [
    { name: 'none' },
    { name: 'flannel' },
    { name: 'custom' },
    { name: 'calico' },
    { name: '' },
    { name: 'flannel', urls: ['https://a'] },
    { name: 'none', urls: ['https://a'] },
    { name: 'custom', urls: ['https://a'] },
    { name: 'custom', urls: ['https://'] },
    { name: 'none', flannel: { extraArgs: ['x'] } },
    { name: 'flannel', flannel: { extraArgs: ['x'] } },
  ]),
  ...texts('machine.nodeLabels', nodeNames),
  ...texts('machine.nodeAnnotations', nodeNames.slice(0, 6)),
  ...texts('machine.nodeTaints', [
    { a: 'NoSchedule' },
    { a: 'x:NoExecute' },
    { a: 'Never' },
    { a: 'x y:NoSchedule' },
    { 'a/b/c': 'NoSchedule' },
  ]),
  ...texts('machine.features.kubernetesTalosAPIAccess', [
    { enabled: true, allowedRoles: ['os:reader'] },
    { enabled: true, allowedRoles: ['os:king'] },
    { enabled: true, allowedRoles: ['os:meta:writer'] },
    { enabled: false, allowedRoles: ['os:king'] },
  ]),
  ...texts('machine.features.hostDNS', [{ enabled: false, forwardKubeDNSToHost: true }, { enabled: false }, undefined]),
  ...texts('machine.features.nodeAddressSortAlgorithm', ['v1', 'v2', 'v3']),
  ...texts('machine.network.interfaces', [
    [{ interface: 'eth0', dhcp: true }],
    [{ interface: 'eth0', vip: { ip: '10.0.0.10' } }],
    [{ interface: 'eth0', dhcp: true, vlans: [{ vlanId: 4, vip: { ip: '10.0.0.10' } }] }],
  ]),
  ...texts('machine.network.kubespan', [{ enabled: true }, { enabled: true, mtu: 1000 }, { enabled: false }]),
  ...texts('persist', [true, false]),
  ...texts('machine.certSAN', ['x']),
  ...texts('machine.kubelet.extraArgs', [{ a: 'b' }]),
  ...texts('machine.certSANs', ['x', [{}], [['a']]]),
  ...texts('machine.install.wipe', ['maybe', 'true']),
  ...texts('machine.time', [
    { disabled: true },
    { servers: ['a'] },
    { bootTimeout: '2m' },
    { bootTimeout: '2 minutes' },
  ]),
  ...texts('machine.network.hostname', ['a']),
  ...texts('machine.network.nameservers', [['1.1.1.1'], []]),
  ...texts('machine.systemDiskEncryption.state', [{ provider: 'luks2', keys: [{ slot: 0, nodeID: {} }] }]),
  ...[
    { auto: 'stable' },
    { auto: 'off', hostname: 'a' },
    { auto: 'stable', hostname: 'a' },
    { hostname: 'a' },
    {},
    { auto: 'sometimes' },
    { hostname: '.a' },
  ].map((set): Change => ({ of: 'HostnameConfig', since: 'v1.12', set })),
  { of: 'ResolverConfig', since: 'v1.12', set: { nameservers: [{ address: '1.1.1.1' }] } },
  { of: 'TimeSyncConfig', since: 'v1.12', set: { ntp: { servers: ['a'] } } },
  { of: 'KubeSpanConfig', since: 'v1.13', set: { enabled: true } },
  { of: 'LinkConfig', name: 'eth0', since: 'v1.12', set: { up: true } },
  { of: 'DummyLinkConfig', name: 'eth0', since: 'v1.12', set: {} },
  { of: 'EnvironmentConfig', set: { variables: { A: 'b' } } },
  { of: 'HostnameConfig', set: { hostname: 'a' } },
  { of: 'DiscoveryServiceConfig', name: 'default', since: 'v1.14', set: { endpoint: 'https://d/' } },
  { of: 'KubeSchedulerConfig', since: 'v1.14', set: { image: 'registry.k8s.io/kube-scheduler:v1.34.1' } },
  { of: 'KubeAuditPolicyConfig', since: 'v1.14', set: { configuration: { rules: [] } } },
  { of: 'KubeProxyConfig', since: 'v1.14', set: { image: 'registry.k8s.io/kube-proxy:v1.34.1' } },
  { set: { 'cluster.secretboxEncryptionSecret': undefined } },
  { set: { 'cluster.secretboxEncryptionSecret': undefined, 'cluster.ca': { crt: pem, key: '' } } },
];

export interface ValidationCase {
  readonly yaml: string;
  readonly made: readonly Change[];
}

/** A good config with up to three changes. */
export const validationCases: fc.Arbitrary<ValidationCase> = fc
  .record({
    role: fc.constantFrom('controlplane', 'worker'),
    made: fc.array(fc.constantFrom(...changes), { minLength: 1, maxLength: 3 }),
  })
  .map(({ role, made }) => ({ yaml: withChanges(role, made), made }));

/** Each change alone, on both types of machine. */
export const singleChanges: readonly ValidationCase[] = (['controlplane', 'worker'] as const).flatMap((role) =>
  changes.map((change) => ({ yaml: withChanges(role, [change]), made: [change] })),
);

function withChanges(role: 'controlplane' | 'worker', made: readonly Change[]): string {
  const documents: Document[] = [...parseAllDocuments(main(role))] as Document[];
  for (const { of, name, set } of made) {
    let target = documents.find((document) => document.get('kind') === of && document.get('name') === name);
    if (target === undefined) {
      target = new Document({ apiVersion: 'v1alpha1', kind: of, ...(name === undefined ? {} : { name }) });
      documents.push(target);
    }
    for (const [path, value] of Object.entries(set)) {
      const keys = path.split('.');
      const isInside = keys.every((_, at) => at === 0 || target.hasIn(keys.slice(0, at)) || value !== undefined);
      if (!isInside) continue;
      if (value === undefined) target.deleteIn(keys);
      else target.setIn(keys, target.createNode(value));
    }
  }
  return documents.map((document) => document.toString()).join('---\n');
}
