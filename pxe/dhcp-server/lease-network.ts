import { type Ipv4Subnet, parseIpv4, parseIpv4Subnet, subnetContains } from '../../core/ipv4.ts';
import type { MacAddress } from '../../core/mac-address.ts';
import type { Millis } from '../../core/millis.ts';
import { relayOption } from '../dhcp/dhcp-option.ts';
import { type DhcpPacket, noAddress } from '../dhcp/dhcp-packet.ts';
import { ipv4OfBytes } from '../dhcp/ipv4-bytes.ts';
import { optionValue } from '../dhcp/option-table.ts';
import { relayOptionOf } from '../dhcp/relay-option-of.ts';

/** One subnet in which we hand out addresses: the one of our interface, or one behind a relay. Addresses are dotted quads. */
export interface LeaseNetworkOptions {
  /** Such as `10.20.0.0/24`. */
  readonly subnet: string;
  /** First and last address of the pool, both in the subnet. */
  readonly pool: { readonly first: string; readonly last: string };
  /** Addresses that are kept for one machine each; they may lie in the pool. */
  readonly reservations?: readonly { readonly mac: MacAddress; readonly address: string; readonly hostName?: string }[];
  /** Never given to anybody: our own address, the gateway, a VIP. */
  readonly excluded?: readonly string[];
  readonly gateway?: string;
  readonly nameservers?: readonly string[];
  /** Literal addresses: DHCP carries no names here. */
  readonly timeServers?: readonly string[];
  readonly domainName?: string;
  readonly leaseTime: Millis;
}

/** The same, ready to be asked for each packet. */
export interface LeaseNetwork {
  readonly options: LeaseNetworkOptions;
  readonly subnet: Ipv4Subnet;
  readonly first: number;
  readonly last: number;
  readonly reserved: ReadonlyMap<string, { readonly address: number; readonly hostName?: string }>;
  /** Addresses that nobody gets from the pool. */
  readonly withheld: ReadonlySet<number>;
}

/** Reads the texts once. They come from a rack file that was checked; what is no address here is left out. */
export function leaseNetwork(options: LeaseNetworkOptions): LeaseNetwork {
  const subnet = parseIpv4Subnet(options.subnet) ?? { network: 0, prefixLength: 32 };
  const reserved = new Map(
    (options.reservations ?? []).flatMap(({ mac, address, hostName }) => {
      const value = parseIpv4(address);
      if (value === undefined || !subnetContains(subnet, value)) return [];
      return [[mac, { address: value, ...(hostName === undefined ? {} : { hostName }) }] as const];
    }),
  );
  const taken = [...(options.excluded ?? []), options.gateway].map((text) =>
    text === undefined ? undefined : parseIpv4(text),
  );
  const size = 2 ** (32 - subnet.prefixLength);
  return {
    options,
    subnet,
    first: Math.max(parseIpv4(options.pool.first) ?? 1, subnet.network),
    last: Math.min(parseIpv4(options.pool.last) ?? 0, subnet.network + size - 1),
    reserved,
    withheld: new Set([
      subnet.network,
      subnet.network + size - 1,
      ...taken.filter((value) => value !== undefined),
      ...reserved.values().map(({ address }) => address),
    ]),
  };
}

/**
 * The subnet that the client is in. Behind a relay: the one that the relay or the client tells (RFC 3527, RFC 3011), else
 * that of the relay's address. A client that renews asks us directly, also from behind a relay: it is in the subnet of
 * its address. Everybody else is in ours.
 */
export function networkOfRequest(
  request: DhcpPacket,
  networks: readonly LeaseNetwork[],
  serverAddress: string,
): LeaseNetwork | undefined {
  const networkOf = (address: string) => {
    const value = parseIpv4(address) ?? 0;
    return networks.find(({ subnet }) => subnetContains(subnet, value));
  };
  const link = relayOptionOf(request, relayOption.linkSelection);
  if (link?.length === 4) return networkOf(ipv4OfBytes(link));
  const selected = optionValue(request.options, 'subnetSelection');
  if (selected !== undefined) return networkOf(selected);
  if (request.giaddr !== noAddress) return networkOf(request.giaddr);
  return networkOf(request.ciaddr) ?? networkOf(serverAddress);
}
