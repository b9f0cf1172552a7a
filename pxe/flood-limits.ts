import type { Emit } from '../core/event.ts';
import { macOfBytes } from '../core/mac-address.ts';
import type { Clock, Endpoint } from '../core/ports.ts';
import { type Rate, TokenBucket, TokenBuckets } from './token-buckets.ts';

export interface FloodLimits {
  /** DHCP datagrams of one hardware address: firmware that asks in two steps sends four in its first second. */
  readonly dhcpOfOneMachine: Rate;
  /** DHCP datagrams of one port: a rack that powers on sends some thousands at once. */
  readonly dhcpOfPort: Rate;
  /** Requests and strays that reach the TFTP port, of one address. */
  readonly tftpOfOneAddress: Rate;
  readonly tftpOfPort: Rate;
  /** Events that tell of dropped packets. */
  readonly dropsTold: Rate;
}

export const defaultFloodLimits: FloodLimits = {
  dhcpOfOneMachine: { burst: 16, perSecond: 4 },
  dhcpOfPort: { burst: 16_384, perSecond: 8192 },
  tftpOfOneAddress: { burst: 64, perSecond: 16 },
  tftpOfPort: { burst: 8192, perSecond: 2048 },
  dropsTold: { burst: 32, perSecond: 2 },
};

/** Where chaddr stands in a DHCP message (RFC 2131 section 2). */
const chaddrAt = 28;

/** What may come in; each answer uses up a token. A drop is told once for each machine and flood, not for each packet. */
export interface FloodGate {
  dhcp(datagram: Uint8Array, from: Endpoint): boolean;
  tftp(from: Endpoint): boolean;
}

export function createFloodGate(limits: FloodLimits, clock: Pick<Clock, 'monotonic'>, emit: Emit): FloodGate {
  const machines = new TokenBuckets<number>(limits.dhcpOfOneMachine);
  const addresses = new TokenBuckets<string>(limits.tftpOfOneAddress);
  const dhcpPort = new TokenBucket(limits.dhcpOfPort, clock.monotonic());
  const tftpPort = new TokenBucket(limits.tftpOfPort, clock.monotonic());
  const drop = (from: Endpoint, reason: string) => {
    emit({ type: 'packet.dropped', from: from.address, reason });
    return false;
  };
  return {
    dhcp: (datagram, from) => {
      const now = clock.monotonic();
      if (!machines.take(numberOf(datagram), now)) {
        const mac = macOfBytes(datagram.subarray(chaddrAt, chaddrAt + 6));
        return drop(from, `a flood of DHCP messages from ${mac}`);
      }
      return dhcpPort.take(now) || drop(from, 'a flood of DHCP messages on this port');
    },
    tftp: (from) => {
      const now = clock.monotonic();
      if (!addresses.take(from.address, now)) return drop(from, `a flood of TFTP requests from ${from.address}`);
      return tftpPort.take(now) || drop(from, 'a flood of TFTP requests on this port');
    },
  };
}

/** The hardware address as a number, which costs less than its text. */
function numberOf(datagram: Uint8Array): number {
  let number = 0;
  for (let at = chaddrAt; at < chaddrAt + 6; at += 1) number = number * 256 + (datagram[at] ?? 0);
  return number;
}

/** `emit`, with no more events of dropped packets than `rate` allows; one that is told says how many were not before it. */
export function tellFewDrops(emit: Emit, rate: Rate, clock: Pick<Clock, 'monotonic'>): Emit {
  const bucket = new TokenBucket(rate, clock.monotonic());
  let untold = 0;
  return (event) => {
    if (event.type !== 'packet.dropped') {
      emit(event);
    } else if (bucket.take(clock.monotonic())) {
      emit(untold === 0 ? event : { ...event, untold });
      untold = 0;
    } else {
      untold += 1;
    }
  };
}
