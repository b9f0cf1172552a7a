/** Prints what the probes of the checks before an install find: `arp INTERFACE ADDRESS [MAC …]` or `dns SERVER NAME`. */
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { parseMac } from '../../core/mac-address.ts';
import { probeAddress } from '../../installer/checks/probe-address.ts';
import { probeDns } from '../../installer/checks/probe-dns.ts';

const [kind, first = '', second = '', ...macs] = process.argv.slice(2);
const ports = { network: nodeNetwork, files: nodeFiles, clock: nodeClock, random: nodeRandom };
const expected = macs.flatMap((text) => parseMac(text) ?? []);
const { signal } = new AbortController();
const found =
  kind === 'arp'
    ? await probeAddress(second, { ...ports, interfaceName: first, expected }, signal)
    : await probeDns(first, second, ports, signal);
process.stdout.write(JSON.stringify(found));
