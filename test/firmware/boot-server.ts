/** The boot service on real sockets as a program of its own, because a process lives in one network namespace only. */
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import type { Network } from '../../core/ports.ts';
import { serveBoots } from '../../pxe/index.ts';

const [serverAddress = '', uki = '', ...machines] = process.argv.slice(2);
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Ports from here on are the system's choice: those of single transfers. */
const firstOwnPort = 32768;

/** The real network, and a line for every datagram that leaves a service, and for the first one of each transfer. */
const watchedNetwork: Network = {
  ...nodeNetwork,
  openUdp: async (options) => {
    const socket = await nodeNetwork.openUdp(options);
    const { port } = socket.local;
    let sent = 0;
    return {
      ...socket,
      send: (bytes, to) => {
        sent += 1;
        if (port < firstOwnPort || sent === 1) print({ type: 'sent', from: port, to, sizeBytes: bytes.length });
        socket.send(bytes, to);
      },
    };
  },
};

const service = await serveBoots({
  network: watchedNetwork,
  files: nodeFiles,
  clock: nodeClock,
  emit: print,
  observe: print,
  interfaceName: 'br0',
  serverAddress,
  ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
  ukis: { amd64: uki },
  intentOf: ({ mac }) =>
    machines.includes(mac)
      ? { kind: 'boot', machine: `machine-${machines.indexOf(mac) + 1}` }
      : { kind: 'hold', reason: 'not in the rack file' },
});
process.once('SIGTERM', () => void service.close());
