/** Our DHCP service on real sockets as a program of its own, because a process lives in one network namespace only. */
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { faultFrom } from '../../core/fault.ts';
import type { Network } from '../../core/ports.ts';
import { decideBoot } from '../../pxe/decide-boot.ts';
import type { LeaseNetworkOptions } from '../../pxe/dhcp-server/lease-network.ts';
import { openDhcpServer } from '../../pxe/dhcp-server/open-dhcp-server.ts';
import { serveDhcp } from '../../pxe/dhcp-server/serve-dhcp.ts';

export interface DhcpProgramOptions {
  readonly serverAddress: string;
  readonly mode: 'proxy' | 'full' | 'off';
  readonly networks: readonly LeaseNetworkOptions[];
  /** The lease file. */
  readonly path: string;
  readonly besideOthers: boolean;
}

const options = JSON.parse(process.argv[2] ?? '{}') as DhcpProgramOptions;
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const offers = {
  ukis: { amd64: '/srv/amd64', arm64: '/srv/arm64' },
  httpOrigin: `http://${options.serverAddress}:8080`,
};

/** The real network, and a line for every DHCP datagram that leaves. */
const watchedNetwork: Network = {
  ...nodeNetwork,
  openUdp: async (udp) => {
    const socket = await nodeNetwork.openUdp(udp);
    return {
      ...socket,
      send: (bytes, to) => {
        if (bytes.length >= 240) {
          print({ type: 'sent', from: socket.local, to, hex: Buffer.from(bytes).toString('hex') });
        }
        socket.send(bytes, to);
      },
    };
  },
};

try {
  const { serverAddress, networks, path, besideOthers } = options;
  const ports = { network: watchedNetwork, files: nodeFiles, clock: nodeClock, random: nodeRandom, emit: print };
  const mode =
    options.mode === 'full'
      ? ({
          kind: 'full',
          ...(await openDhcpServer({ ...ports, interfaceName: 'br0', serverAddress, networks, path, besideOthers })),
        } as const)
      : ({ kind: options.mode } as const);
  await serveDhcp({
    network: watchedNetwork,
    mode,
    serverAddress,
    ports: { dhcp: 67, proxyDhcp: 4011 },
    emit: print,
    observe: print,
    decide: (client) => decideBoot(client, { kind: 'boot', machine: 'node-1' }, offers),
  });
  print({ type: 'listening' });
} catch (thrown) {
  print({ type: 'fault', code: faultFrom(thrown).code, message: faultFrom(thrown).message });
  process.exit(1);
}
