import type { ConfigChange } from './diff/diff-configs.ts';

/** What the rack file decides, by document (`main`, or its kind) and path; a patch that would change it is refused. */
const decided: readonly { readonly document: string; readonly paths: readonly string[]; readonly what: string }[] = [
  {
    document: 'main',
    paths: ['machine.install.disk', 'machine.install.diskSelector', 'machine.install.wipe'],
    what: 'the install disk, which the disk of the machine says',
  },
  {
    document: 'main',
    paths: ['machine.install.image'],
    what: 'the installer, which the section talos says',
  },
  { document: 'main', paths: ['machine.type'], what: 'the role of the machine' },
  { document: 'main', paths: ['machine.network.hostname'], what: 'the name of the machine' },
  {
    document: 'main',
    paths: ['cluster.controlPlane.endpoint', 'cluster.clusterName'],
    what: 'the endpoint and the name of the cluster, which network.vip and name say',
  },
  {
    document: 'main',
    paths: [
      ...['machine.token', 'machine.ca', 'cluster.id', 'cluster.secret', 'cluster.token', 'cluster.ca'],
      ...['cluster.aggregatorCA', 'cluster.serviceAccount', 'cluster.etcd.ca'],
      ...['cluster.secretboxEncryptionSecret', 'cluster.aescbcEncryptionSecret'],
    ],
    what: 'the secrets of the cluster',
  },
  { document: 'HostnameConfig', paths: [''], what: 'the name of the machine' },
  {
    document: 'Layer2VIPConfig',
    paths: [''],
    what: 'the shared address of the Kubernetes API, which network.vip says',
  },
  {
    document: 'UnattendedInstallConfig',
    paths: [''],
    what: 'the install disk and the installer, which the disk of the machine and the section talos say',
  },
  { document: 'KubeClusterConfig', paths: [''], what: 'the endpoint and the name of the cluster' },
  { document: 'DiscoveryIdentityConfig', paths: [''], what: 'the secrets of the cluster' },
  { document: 'KubeAPIServerCAConfig', paths: ['issuingCA', 'acceptedCAs[0]'], what: 'the secrets of the cluster' },
  { document: 'KubeAggregatorCAConfig', paths: ['issuingCA'], what: 'the secrets of the cluster' },
  { document: 'KubeEtcdEncryptionConfig', paths: [''], what: 'the secrets of the cluster' },
  { document: 'KubeServiceAccountConfig', paths: ['issuer'], what: 'the secrets of the cluster' },
];

/** What of the rack file's own decisions a change of a config concerns, in words; `undefined` when none. */
export function decisionOf({ document, path }: Pick<ConfigChange, 'document' | 'path'>): string | undefined {
  const [kind = ''] = document.split(' ');
  const isUnder = (prefix: string) =>
    prefix === '' || path === prefix || (path.startsWith(prefix) && ['.', '['].includes(path.charAt(prefix.length)));
  // A deletion can take a whole section away.
  const holds = (prefix: string) => prefix.startsWith(`${path}.`);
  return decided.find((one) => one.document === kind && one.paths.some((prefix) => isUnder(prefix) || holds(prefix)))
    ?.what;
}
