import type { DiskWish } from './match-disk.ts';
import { readDocuments } from './node-config-documents.ts';
import { kubernetesOf, legacyAddresses, linkAddresses, readInstall } from './node-config-parts.ts';
import { talosMinor } from './talos-release.ts';

/** What a simulated node understands of its machine config. */
export interface NodeConfig {
  readonly text: string;
  readonly type: 'controlplane' | 'worker';
  readonly token: string;
  readonly machineCa: CaPair;
  readonly certSans: readonly string[];
  /** `undefined`: the node makes a name up from its hardware, as `auto: stable` does. */
  readonly hostname: string | undefined;
  /** `undefined`: it does not install by itself (1.14). */
  readonly install: { readonly image: string | undefined; readonly disk: DiskWish } | undefined;
  readonly addresses: readonly { readonly link: string; readonly cidr: string }[];
  readonly vip: string | undefined;
  readonly cluster: ClusterConfig;
  readonly kubernetesVersion: string;
}

export interface ClusterConfig {
  readonly name: string;
  readonly endpoint: URL;
  readonly token: string;
  readonly ca: CaPair;
  /** Control planes only. */
  readonly etcdCa: CaPair | undefined;
  readonly apiServerCertSans: readonly string[];
  readonly cni: string;
  readonly schedulesOnControlPlanes: boolean;
}

interface CaPair {
  /** PEM. */
  readonly crt: string;
  /** PEM; absent on workers. */
  readonly key: string | undefined;
}

/** The Kubernetes minors of each Talos minor, as Talos checks the image tags at apply (its compatibility tables). */
const kubernetesMinors: Readonly<Record<string, readonly [number, number]>> = {
  'v1.11': [29, 34],
  'v1.12': [30, 35],
  'v1.13': [31, 36],
  'v1.14': [32, 37],
};

/**
 * Reads a multi-document machine config as a node of this Talos version does, in metal mode. Not a second Talos: it
 * checks what an install depends on, and the unknown keys of the two upper levels; test/peers asks Talos' own loader.
 */
export function readNodeConfig(
  text: string,
  talosVersion: string,
): { readonly config: NodeConfig } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const refuse = (problem: string) => {
    problems.push(problem);
  };
  const minor = `v1.${talosMinor(talosVersion)}`;
  const documents = readDocuments(text, minor);
  if ('problems' in documents) return documents;
  const { main, others } = documents;
  const { machine, cluster } = main;
  const kubernetes = kubernetesOf(main, others);
  const isControlPlane = machine.type === 'controlplane';

  const ofKind = (kind: string) => others.filter((document) => document['kind'] === kind);
  const hostnameDocument = ofKind('HostnameConfig')[0];
  const hostname = hostnameDocument?.['hostname'] ?? main.machine.network?.hostname;
  if (hostname !== undefined && hostnameDocument?.['auto'] === 'stable') {
    refuse('HostnameConfig: hostname and auto: stable exclude each other');
  }
  const addresses = [...linkAddresses(others), ...legacyAddresses(main)];
  for (const { cidr } of addresses) {
    if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(cidr)) refuse(`${cidr} is not an address with a prefix length`);
  }
  const legacy = main.machine.network;
  const vip =
    ofKind('Layer2VIPConfig')[0]?.['name'] ?? legacy?.interfaces?.find((one) => one.vip !== undefined)?.vip?.ip;
  if (vip !== undefined && !isControlPlane) refuse('virtual (shared) IP is not allowed on non-controlplane nodes');

  const machineCa = pairOf('machine.ca', machine.ca, refuse);
  const clusterCa = pairOf('cluster.ca', kubernetes.ca, refuse);
  if (isControlPlane && machineCa.key === undefined) refuse('issuing CA key is required for controlplane nodes');
  if (isControlPlane && clusterCa.key === undefined) refuse('cluster.ca.key is required for controlplane nodes');
  if (!isControlPlane && machineCa.key !== undefined) refuse('issuing CA key is not allowed on non-controlplane nodes');
  if (!isControlPlane && clusterCa.key !== undefined) refuse('cluster.ca.key is not allowed on non-controlplane nodes');
  if (!isControlPlane && cluster.etcd !== undefined) refuse('cluster.etcd is not allowed on non-controlplane nodes');
  const etcdCa = cluster.etcd?.ca === undefined ? undefined : pairOf('cluster.etcd.ca', cluster.etcd.ca, refuse);
  if (isControlPlane && etcdCa?.key === undefined) refuse('cluster.etcd.ca with its key is required');
  if (cluster.discovery?.enabled === true && (cluster.id === undefined || cluster.secret === undefined)) {
    refuse('cluster discovery needs cluster.id and cluster.secret');
  }

  const endpoint = URL.parse(kubernetes.endpoint);
  if (endpoint?.protocol !== 'https:') refuse(`invalid controlplane endpoint: ${kubernetes.endpoint}`);
  const install = readInstall(main, others, minor);
  if (install !== undefined && 'problem' in install) refuse(install.problem);
  const kubernetesVersion = kubernetes.kubeletImage.split(':').at(-1) ?? '';
  const [oldest, newest] = kubernetesMinors[minor] ?? [0, 0];
  const kubernetesMinor = Number(/^v1\.(\d+)\.\d+/.exec(kubernetesVersion)?.[1] ?? Number.NaN);
  if (!(kubernetesMinor >= oldest && kubernetesMinor <= newest)) {
    refuse(`version of Kubernetes "${kubernetesVersion}" is not supported by Talos ${talosVersion}`);
  }
  if (problems.length > 0 || endpoint === null || (install !== undefined && 'problem' in install)) return { problems };
  return {
    config: {
      text,
      type: machine.type,
      token: machine.token,
      machineCa,
      certSans: machine.certSANs ?? [],
      hostname: typeof hostname === 'string' ? hostname : undefined,
      install,
      addresses,
      vip: typeof vip === 'string' ? vip : undefined,
      cluster: {
        name: kubernetes.clusterName,
        endpoint,
        token: cluster.token ?? '',
        ca: clusterCa,
        etcdCa,
        apiServerCertSans: kubernetes.apiServerCertSans,
        cni: kubernetes.cni,
        schedulesOnControlPlanes: kubernetes.schedulesOnControlPlanes,
      },
      kubernetesVersion,
    },
  };
}

function pairOf(
  path: string,
  pair: { crt?: string | undefined; key?: string | undefined } | undefined,
  refuse: (problem: string) => void,
): CaPair {
  const pem = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString();
  const crt = pem(pair?.crt);
  if (!crt.startsWith('-----BEGIN CERTIFICATE-----')) refuse(`${path}.crt: not a certificate`);
  const key = pem(pair?.key);
  if (key !== '' && !/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(key)) refuse(`${path}.key: not a private key`);
  return { crt, key: key === '' ? undefined : key };
}
