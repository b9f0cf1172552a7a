/**
 * Prints what the probes of the checks before an install find: `arp INTERFACE ADDRESS [MAC …]`, `dns SERVER NAME`, `packets
 * INTERFACE ADDRESS SIZE` or `time SERVER NAMESERVER`.
 */
import { knockUdp } from '../../bin/platform/knock-udp.ts';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { parseMac } from '../../core/mac-address.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { probeAddress } from '../../installer/checks/probe-address.ts';
import { probeDns } from '../../installer/checks/probe-dns.ts';
import { probeOwnClock } from '../../installer/checks/probe-own-clock.ts';
import { probePackets } from '../../installer/checks/probe-packets.ts';

const [kind = '', first = '', second = '', ...more] = process.argv.slice(2);
const ports = { network: nodeNetwork, files: nodeFiles, clock: nodeClock, random: nodeRandom };
const { signal } = new AbortController();
const probes: Readonly<Record<string, () => Promise<unknown>>> = {
  arp: () => {
    const expected = more.flatMap((text) => parseMac(text) ?? []);
    return probeAddress(second, { ...ports, interfaceName: first, expected }, signal);
  },
  dns: () => probeDns(first, second, ports, signal),
  packets: () => {
    const link = nodeNetwork.interfaces().find(({ name }) => name === first);
    return probePackets(second, { wantedBytes: Number(more[0]), knockUdp, link }, signal);
  },
  time: () => {
    const host = { isClockSynchronized: async () => undefined };
    const network = { timeServers: [first], nameservers: [second] };
    return probeOwnClock({ network } as unknown as Pick<RackSpec, 'network'>, { ...ports, host }, signal);
  },
};
process.stdout.write(JSON.stringify(await probes[kind]?.()));
