import { parseIpv4 } from '../core/ipv4.ts';
import type { Fact } from '../core/rack.ts';
import { dhcpMessage, dhcpOption } from './dhcp/dhcp-option.ts';
import { bootRequest, type DhcpPacket, macOf, messageTypeOf, noAddress } from './dhcp/dhcp-packet.ts';

/**
 * The address that a machine is about to use, or uses, as told by its own DHCPREQUEST: option 50 while it takes a lease,
 * ciaddr while it renews one (RFC 2131 section 4.3.2). Any machine tells it, whether its firmware or its running system
 * asks: so we learn where Talos answers without being the network's DHCP server.
 */
export function seenAddress(packet: DhcpPacket): (Fact & { kind: 'address' }) | undefined {
  if (packet.op !== bootRequest || messageTypeOf(packet) !== dhcpMessage.request) return undefined;
  const mac = macOf(packet);
  const requested = packet.options.get(dhcpOption.requestedAddress)?.join('.') ?? noAddress;
  const address = packet.ciaddr === noAddress ? requested : packet.ciaddr;
  if (mac === undefined || address === noAddress || parseIpv4(address) === undefined) return undefined;
  return { kind: 'address', mac, address };
}
