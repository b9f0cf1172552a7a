/** The boot service on real sockets as a program of its own, because a process lives in one network namespace only. */
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import type { Event } from '../../core/event.ts';
import type { Network } from '../../core/ports.ts';
import { decodeDhcp } from '../../pxe/dhcp/decode-dhcp.ts';
import { encodeDhcp } from '../../pxe/dhcp/encode-dhcp.ts';
import { serveBoots } from '../../pxe/index.ts';

export interface BootServerConfig {
  readonly serverAddress: string;
  readonly ukis: { readonly amd64: string; readonly arm64: string };
  readonly loaders: Readonly<Record<string, string>>;
  readonly machines: readonly string[];
  readonly through?: 'ipxe';
  /**
   * The only BIOS network ROM that can be had is iPXE itself. With this its messages lose what iPXE says of itself, until
   * the network loader was served: so it is given the loader, as the ROM of a card's maker is.
   */
  readonly hidesIpxe: boolean;
}

const config = JSON.parse(process.argv[2] ?? '{}') as BootServerConfig;
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
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
        const bytes = isHiding && options.port === 67 ? withoutIpxe(received) : received;
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
      send: (bytes, to) => {
        sent += 1;
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

function withoutIpxe(bytes: Uint8Array): Uint8Array {
  const decoded = decodeDhcp(bytes);
  if (decoded.kind === 'malformed') return bytes;
  const options = new Map(decoded.packet.options);
  options.delete(77);
  options.delete(175);
  return encodeDhcp({ ...decoded.packet, options });
}

const { serverAddress, ukis, loaders, machines, through } = config;
const service = await serveBoots({
  network: watchedNetwork,
  files: nodeFiles,
  clock: nodeClock,
  emit,
  observe: print,
  interfaces: [{ name: 'br0', address: serverAddress }],
  ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
  ukis,
  loaders,
  intentOf: ({ mac }) =>
    machines.includes(mac)
      ? { kind: 'boot', machine: `machine-${machines.indexOf(mac) + 1}`, ...(through === undefined ? {} : { through }) }
      : { kind: 'hold', reason: 'not in the rack file', isStranger: true },
});
process.once('SIGTERM', () => void service.close());
