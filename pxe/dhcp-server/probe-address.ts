import { type Millis, millis } from '../../core/millis.ts';
import type { Clock, Files, Network } from '../../core/ports.ts';

/** Whether anybody but this hardware address uses an address now. */
export type ProbeAddress = (address: string, client: string) => Promise<boolean>;

/** A host of the same segment answers ARP within a few milliseconds; iPXE asks again after a second. */
const answerTime: Millis = millis(300);

/** The discard service (RFC 863). Whether anybody listens there does not matter. */
const discardPort = 9;

/** Flags of an ARP entry (if_arp.h): the hardware address is known. */
const isComplete = 0x2;

export interface ProbePorts {
  readonly network: Pick<Network, 'openUdp'>;
  readonly files: Pick<Files, 'readText'>;
  readonly clock: Clock;
}

/**
 * Asks the segment who has an address before it is offered (RFC 2131 section 4.4.1). Node has no raw socket: a datagram
 * to the address makes the kernel ask by ARP, and the kernel's table tells what was answered. Any number of probes go on
 * at once. An address behind a router cannot be probed in this way and counts as free; one that was in use a few minutes
 * ago may still count as used.
 */
export async function openProbe(
  serverAddress: string,
  ports: ProbePorts,
): Promise<{ readonly probe: ProbeAddress; close(): Promise<void> }> {
  const socket = await ports.network.openUdp({ address: serverAddress, port: 0, onMessage: () => undefined });
  let reading: Promise<ReadonlyMap<string, string>> | undefined;
  /** Probes that end in the same turn read the table once. */
  const table = () => {
    reading ??= ports.files.readText('/proc/net/arp').then((text) => {
      reading = undefined;
      return parseArpTable(text ?? '');
    });
    return reading;
  };
  return {
    probe: async (address, client) => {
      socket.send(new Uint8Array(1), { address, port: discardPort });
      await ports.clock.sleep(answerTime);
      const holder = (await table()).get(address);
      return holder !== undefined && holder !== client;
    },
    close: () => socket.close(),
  };
}

/** Hardware address by address, of the complete entries (proc_net(5)): `IP HWtype Flags HWaddress Mask Device`. */
export function parseArpTable(text: string): ReadonlyMap<string, string> {
  const entries = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([address, , flags, hardware]) => {
      if (address === undefined || flags === undefined || hardware === undefined) return [];
      return (Number(flags) & isComplete) === 0 ? [] : [[address, hardware.toLowerCase()] as const];
    });
  return new Map(entries);
}
