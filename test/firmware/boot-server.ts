/** The boot service on real sockets as a program of its own, because a process lives in one network namespace only. */
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import type { Event } from '../../core/event.ts';
import { minutes } from '../../core/millis.ts';
import type { Network } from '../../core/ports.ts';
import { decodeDhcp } from '../../pxe/dhcp/decode-dhcp.ts';
import { encodeDhcp } from '../../pxe/dhcp/encode-dhcp.ts';
import { type BootIntent, ConfigUrls, type DhcpMode, openDhcpServer, serveBoots } from '../../pxe/index.ts';
import { ownAddress } from './provisioning-network.ts';

export interface BootServerConfig {
  readonly serverAddress: string;
  readonly ukis: { readonly amd64: string; readonly arm64: string };
  readonly loaders: Readonly<Record<string, string>>;
  readonly machines: readonly string[];
  /** What they are to boot. */
  readonly intent: DistributiveOmit<BootIntent, 'machine'>;
  /** To whom we give addresses, and where leases are kept. */
  readonly addresses?: { readonly to: 'firmware' | 'everybody'; readonly path: string };
  /**
   * The only BIOS network ROM that can be had is iPXE itself. With this its messages lose what iPXE says of itself, until
   * the network loader was served: so it is given the loader, as the ROM of a card's maker is.
   */
  readonly hidesIpxe: boolean;
  /** Offers leave without option 43, so that firmware that minds it otherwise asks once more, on port 4011. */
  readonly hidesDiscoveryControl: boolean;
}

type DistributiveOmit<One, Key extends string> = One extends unknown ? Omit<One, Key> : never;

const config = JSON.parse(process.argv[2] ?? '{}') as BootServerConfig;
const print = (value: object) =>
  process.stdout.write(`${JSON.stringify({ at: nodeClock.now().toISOString(), ...value })}\n`);
let isHiding = config.hidesIpxe;
const emit = (event: Event) => {
  if (event.type === 'file.served' && event.complete && event.file in config.loaders) isHiding = false;
  print(event);
};

/** Ports from here on are the system's choice: those of single transfers. */
const firstOwnPort = 32768;

/** The real network, and a line for every datagram of a service, the first one of each transfer, and each HTTP request. */
const watchedNetwork: Network = {
  ...nodeNetwork,
  openUdp: async (options) => {
    const socket = await nodeNetwork.openUdp({
      ...options,
      onMessage: (received, from) => {
        const bytes = isHiding && options.port === 67 ? withoutOptions(received, [77, 175]) : received;
        if (options.port !== 0) {
          print({ type: 'received', from, on: options.port, hex: Buffer.from(bytes).toString('hex') });
        }
        options.onMessage(bytes, from);
      },
    });
    const { port } = socket.local;
    let sent = 0;
    return {
      ...socket,
      send: (whole, to) => {
        sent += 1;
        const bytes = config.hidesDiscoveryControl && port === 67 ? withoutOptions(whole, [43]) : whole;
        if (port < firstOwnPort) print({ type: 'sent', from: port, to, hex: Buffer.from(bytes).toString('hex') });
        else if (sent === 1)
          print({ type: 'sent', from: port, to, hex: Buffer.from(bytes.subarray(0, 64)).toString('hex') });
        socket.send(bytes, to);
      },
    };
  },
  serveHttp: (at, answer) =>
    nodeNetwork.serveHttp(at, (request) => {
      const { 'user-agent': agent, host, range } = request.headers;
      print({ type: 'requested', method: request.method, path: request.path, agent, host, range });
      return answer(request);
    }),
};

function withoutOptions(bytes: Uint8Array, codes: readonly number[]): Uint8Array {
  const decoded = decodeDhcp(bytes);
  if (decoded.kind === 'malformed') return bytes;
  const options = new Map(decoded.packet.options);
  for (const code of codes) options.delete(code);
  return encodeDhcp({ ...decoded.packet, options });
}

const { serverAddress, ukis, loaders, machines, intent } = config;
const addresses =
  config.addresses === undefined
    ? undefined
    : await openDhcpServer({
        network: nodeNetwork,
        files: nodeFiles,
        clock: nodeClock,
        random: nodeRandom,
        emit,
        interfaceName: 'br0',
        serverAddress,
        networks: [{ subnet: '10.98.0.0/24', pool: { first: ownAddress, last: ownAddress }, leaseTime: minutes(60) }],
        path: config.addresses.path,
        besideOthers: true,
      });
const dhcp: DhcpMode =
  addresses === undefined
    ? { kind: 'proxy' }
    : { kind: 'full', server: addresses.server, onlyFirmware: config.addresses?.to === 'firmware' };
const service = await serveBoots({
  network: watchedNetwork,
  files: nodeFiles,
  clock: nodeClock,
  emit,
  observe: print,
  interfaces: [{ name: 'br0', address: serverAddress, dhcp }],
  ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
  ukis,
  loaders,
  configUrls: new ConfigUrls({ clock: nodeClock, random: nodeRandom }),
  intentOf: ({ mac }) =>
    machines.includes(mac)
      ? { ...intent, machine: `machine-${machines.indexOf(mac) + 1}` }
      : { kind: 'hold', reason: 'not in the rack file', isStranger: true },
});
process.once('SIGTERM', () => void service.close().then(() => addresses?.close()));
