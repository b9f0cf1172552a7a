/** The boot service as a program of its own, because a process lives in one network namespace and has one set of rights. */
import { readFileSync } from 'node:fs';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { faultFrom } from '../../core/fault.ts';
import type { Network } from '../../core/ports.ts';
import { type BootInterface, serveBoots } from '../../pxe/index.ts';

const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const [uki = '', ...named] = process.argv.slice(2);
const [first, ...others] = named.map((one): BootInterface => {
  const [name = '', address = ''] = one.split('=');
  return { name, address };
});
if (first === undefined) throw new Error('name=address is missing');

/** The real network, and a line for every broadcast that leaves. */
const watchedNetwork: Network = {
  ...nodeNetwork,
  openUdp: async (options) => {
    const socket = await nodeNetwork.openUdp(options);
    return {
      ...socket,
      send: (bytes, to) => {
        if (to.address === '255.255.255.255') print({ type: 'broadcast' });
        socket.send(bytes, to);
      },
    };
  },
};

const status = readFileSync('/proc/self/status', 'utf8');
print({ type: 'rights', user: process.getuid?.(), capabilities: /^CapEff:\s+(\w+)$/m.exec(status)?.[1] });
try {
  await serveBoots({
    network: watchedNetwork,
    files: nodeFiles,
    clock: nodeClock,
    emit: print,
    observe: () => undefined,
    interfaces: [first, ...others],
    ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
    ukis: { amd64: uki },
    intentOf: () => ({ kind: 'boot', machine: 'node-1' }),
  });
  print({ type: 'ready' });
} catch (thrown) {
  print({ type: 'fault', code: faultFrom(thrown).code });
  process.exitCode = 1;
}
