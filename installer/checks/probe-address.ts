import { parseIpv4, parseIpv4Subnet, subnetContains } from '../../core/ipv4.ts';
import { type MacAddress, parseMac } from '../../core/mac-address.ts';
import { type Millis, millis, seconds } from '../../core/millis.ts';
import type { Clock, Files, Network } from '../../core/ports.ts';
import type { AddressAnswer } from './probes.ts';

export interface AddressProbe {
  readonly network: Pick<Network, 'interfaces' | 'openUdp'>;
  readonly files: Pick<Files, 'readText'>;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Interface in whose network the address is. */
  readonly interfaceName: string;
  /** Whose answers are no surprise. */
  readonly expected: readonly MacAddress[];
}

/** Where Linux keeps what ARP told it. */
const arpTable = '/proc/net/arp';
/** Nobody has to listen there: the datagram is only a reason for the kernel to ask who has the address. */
const discardPort = 9;
const lookEvery: Millis = millis(250);
/** The kernel asks three times, a second apart. */
const silence: Millis = seconds(3.5);
/** An entry may be of one who left: the kernel uses it for 5 s more, asks three times, and then drops it. */
const staleness: Millis = seconds(9);

/**
 * Who has an IPv4 address of our own network, whether it answers to anything or not: the kernel is made to ask by ARP, and
 * its table read. Asking does not disturb anybody. Never rejects.
 */
export async function probeAddress(address: string, probe: AddressProbe, signal: AbortSignal): Promise<AddressAnswer> {
  const { network, files, clock, interfaceName, expected } = probe;
  const own = network.interfaces().find(({ name }) => name === interfaceName);
  const value = parseIpv4(address);
  const from = own?.ipv4.find(({ address: mine, prefixLength }) => {
    const range = parseIpv4Subnet(`${mine}/${prefixLength}`);
    return range !== undefined && value !== undefined && subnetContains(range, value);
  })?.address;
  if (from === undefined) return { kind: 'unasked', why: `${interfaceName} is not in its network` };
  if (from === address) return { kind: 'ourselves' };
  if (address.startsWith('127.')) return { kind: 'unasked', why: 'the loopback interface has no ARP' };

  const begun = clock.monotonic();
  const socket = await network.openUdp({ address: from, port: 0, onMessage: () => undefined }).catch(() => undefined);
  if (socket === undefined) return { kind: 'unasked', why: `nothing can be sent from ${from}` };
  try {
    for (;;) {
      socket.send(new Uint8Array(), { address, port: discardPort });
      await clock.sleep(lookEvery, signal);
      if (signal.aborted) return { kind: 'unasked', why: 'it was interrupted' };
      const table = await files.readText(arpTable).catch(() => undefined);
      if (table === undefined) return { kind: 'unasked', why: `${arpTable} cannot be read` };
      const mac = neighbourIn(table, address);
      const span = clock.monotonic() - begun;
      if (mac !== undefined && (expected.includes(mac) || span >= staleness)) return { kind: 'somebody', mac };
      if (mac === undefined && span >= silence) return { kind: 'nobody' };
    }
  } finally {
    await socket.close();
  }
}

/** The hardware address of a complete entry (flag 0x2, ATF_COM) of Linux's ARP table. */
function neighbourIn(table: string, address: string): MacAddress | undefined {
  for (const line of table.split('\n')) {
    const [ip, , flags, mac = ''] = line.split(/\s+/);
    if (ip === address && (Number(flags) & 2) !== 0) return parseMac(mac);
  }
  return undefined;
}
