import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isInstalled, load } from './bench-process.ts';
import type { BootBench } from './boot-bench.ts';
import type { BenchServer } from './boot-server.ts';

export interface DhcpLoad {
  readonly offers: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly perSecond: number;
}

/** Two network namespaces with a cable between them: a server in one, in the other a relay with many clients behind it. */
export interface DhcpLink {
  /** For programs on the server's side. */
  readonly inside: { readonly namespace: string };
  readonly ours: BenchServer;
  readonly subnet: string;
  readonly pool: { readonly first: string; readonly last: string };
  readonly run: (
    mode: 'pxe' | 'dora' | 'burst',
    count: number,
    macs: number,
    outstanding?: number,
  ) => Promise<DhcpLoad>;
}

const [serverAddress, clientAddress] = ['10.99.0.1', '10.99.0.2'];

/** As the research of peers measured: 16 questions under way. */
const defaultOutstanding = 16;

/** Gone at the end of the bench; what this machine lacks for it when it cannot be had. */
export async function openDhcpLink(bench: BootBench, name: string): Promise<DhcpLink | string> {
  if (process.getuid?.() !== 0 || !isInstalled('ip')) return 'network namespaces need root and iproute2';
  const client = bench.compile('dhcp-load');
  const ip = (command: string) => execFileSync('ip', command.split(' '));
  const ends = [
    { namespace: `bench-${process.pid}-${name}-server`, link: 'vs', address: serverAddress },
    { namespace: `bench-${process.pid}-${name}-client`, link: 'vc', address: clientAddress },
  ] as const;
  const [server, clients] = ends;
  for (const { namespace } of ends) {
    ip(`netns add ${namespace}`);
    bench.atEnd(() => void execFileSync('ip', ['netns', 'delete', namespace]));
  }
  ip(`link add vs netns ${server.namespace} type veth peer name vc netns ${clients.namespace}`);
  for (const { namespace, link, address } of ends) {
    ip(`-n ${namespace} address add ${address}/16 dev ${link}`);
    ip(`-n ${namespace} link set ${link} up`);
    ip(`-n ${namespace} link set lo up`);
  }
  const uki = bench.path('uki');
  await writeFile(uki, randomBytes(1000));
  return {
    inside: { namespace: server.namespace },
    ours: {
      address: serverAddress,
      interface: 'vs',
      ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
      file: uki,
    },
    subnet: '10.99.0.0/16',
    pool: { first: '10.99.1.0', last: '10.99.240.255' },
    run: (mode, count, macs, outstanding = defaultOutstanding) =>
      load<DhcpLoad>(client, [serverAddress, clientAddress, mode, count, macs, outstanding], clients.namespace),
  };
}
