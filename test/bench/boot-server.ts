/** The boot server as a program of its own for the bench: one JSON argument, a line `ready …` when machines are answered. */
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { minutes } from '../../core/millis.ts';
import { encodeDhcp } from '../../pxe/dhcp/encode-dhcp.ts';
import { openDhcpServer } from '../../pxe/dhcp-server/open-dhcp-server.ts';
import { type BootPorts, serveBoots } from '../../pxe/index.ts';
import { ovmfHttpDiscover, ovmfPxeDiscover } from '../../pxe/ovmf-requests.fixture.ts';
import { packetOf, withOptions } from '../../pxe/request.fixture.ts';

export interface BenchServer {
  readonly address: string;
  readonly interface: string;
  readonly ports: BootPorts;
  readonly file: string;
  /** Where leases are kept; a proxy without. */
  readonly leases?: string;
  /** First and last address given out. */
  readonly pool?: { readonly first: string; readonly last: string };
  readonly subnet?: string;
}

const config = JSON.parse(process.argv[2] ?? '{}') as BenchServer;
const drops = new Map<string, number>();
const unlimited = { burst: 1e9, perSecond: 1e9 };
const { address } = config;

const leases =
  config.leases === undefined || config.pool === undefined
    ? undefined
    : await openDhcpServer({
        network: nodeNetwork,
        files: nodeFiles,
        clock: nodeClock,
        random: nodeRandom,
        emit: () => undefined,
        interfaceName: config.interface,
        serverAddress: address,
        networks: [{ subnet: config.subnet ?? '', pool: config.pool, leaseTime: minutes(60) }],
        path: config.leases,
        besideOthers: true,
      });

/** One address plays all clients, so what is allowed to one has to be what is allowed to a rack. */
const service = await serveBoots({
  network: nodeNetwork,
  files: nodeFiles,
  clock: nodeClock,
  emit: (event) => {
    if (event.type === 'packet.dropped') drops.set(event.reason, (drops.get(event.reason) ?? 0) + 1);
  },
  observe: () => undefined,
  interfaces: [
    {
      name: config.interface,
      address,
      ...(leases === undefined ? {} : { dhcp: { kind: 'full' as const, server: leases.server } }),
    },
  ],
  ports: config.ports,
  ukis: { amd64: config.file },
  intentOf: () => ({ kind: 'boot', machine: 'node-1' }),
  transferCaps: { total: 4096, ofOneAddress: 4096 },
  floodLimits: {
    dhcpOfOneMachine: unlimited,
    dhcpOfPort: unlimited,
    tftpOfOneAddress: unlimited,
    tftpOfPort: unlimited,
    dropsTold: unlimited,
  },
});

/** A file is open once a machine that asked is to have it. */
const opened = Promise.withResolvers<undefined>();
const relay = await nodeNetwork.openUdp({ address, port: 0, onMessage: () => opened.resolve(undefined) });
for (const discover of [ovmfHttpDiscover, ovmfPxeDiscover]) {
  const relayed = withOptions(packetOf(discover), { 82: Uint8Array.of(19, 0) });
  relay.send(encodeDhcp({ ...relayed, giaddr: address }), { address, port: service.ports.dhcp });
}
await opened.promise;
await relay.close();
process.stdout.write(`ready ${JSON.stringify(service.ports)}\n`);
process.once('SIGTERM', () => {
  if (drops.size > 0) process.stderr.write(`dropped ${JSON.stringify([...drops])}\n`);
  void service.close().then(() => process.exit(0));
});
