import { isHostOf, parseIpv4Subnet, renderIpv4 } from '../../core/ipv4.ts';
import { type Millis, millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { isPrivateSubnet } from '../../core/special-ipv4.ts';
import { scanInvalid, scanTooLarge, scanUnconfirmed } from './scan-faults.ts';

/** Asks at each address whether somebody answers, and lets `look` read those; resolves when it is through. */
export type SubnetScan = (look: (address: string) => Promise<unknown>, signal: AbortSignal) => Promise<void>;

export interface ScanOptions {
  readonly ranges: readonly string[];
  /** Ranges that the operator has named a second time. */
  readonly confirmed: readonly string[];
}

export interface ScanPorts {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Rejects when nobody answers at the address, soon. */
  readonly knock: (address: string, signal: AbortSignal) => Promise<unknown>;
}

/** Beyond this the operator is asked twice; a /20. */
const largest = 4096;
/** A /16: what one scan goes through at most. */
const most = 65_536;
/** One connection every so often, and so many waiting for an answer: a switch's or firewall's limits stay far away. */
const pause: Millis = millis(5);
const inFlight = 64;

/**
 * The addresses of the hosts of these ranges, and of no others. Faults: `installer/scan-invalid`,
 * `installer/scan-too-large`; `installer/scan-unconfirmed` for what is public or large and was not named twice.
 */
export function addressesToScan({ ranges, confirmed }: ScanOptions): readonly string[] {
  const addresses = new Set<string>();
  for (const range of ranges) {
    const subnet = parseIpv4Subnet(range);
    if (subnet === undefined) throw scanInvalid({ range });
    const count = 2 ** (32 - subnet.prefixLength);
    if (count > most) throw scanTooLarge({ range, count, most });
    const why = isPrivateSubnet(subnet) ? 'large' : 'public';
    if ((why === 'public' || count > largest) && !confirmed.includes(range))
      throw scanUnconfirmed({ range, count, why });
    for (let value = subnet.network; value < subnet.network + count; value += 1) {
      if (isHostOf(subnet, value)) addresses.add(renderIpv4(value));
    }
  }
  return [...addresses];
}

/** A scan of these addresses at a bounded rate, with a bounded number of answers waited for. Silence is no failure. */
export function subnetScan(addresses: readonly string[], { clock, knock }: ScanPorts): SubnetScan {
  return async (look, signal) => {
    const waiting = [...addresses].reverse();
    let turn: Promise<void> = Promise.resolve();
    const worker = async () => {
      for (let address = waiting.pop(); address !== undefined && !signal.aborted; address = waiting.pop()) {
        turn = turn.then(() => clock.sleep(pause, signal));
        await turn;
        const answers = await knock(address, signal).then(
          () => true,
          () => false,
        );
        // What it says, or why it says nothing, is told by whoever looks.
        if (answers) await look(address).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  };
}
