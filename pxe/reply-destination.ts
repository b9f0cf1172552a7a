import type { Endpoint } from '../core/ports.ts';
import { dhcpMessage, relayOption } from './dhcp/dhcp-option.ts';
import { type DhcpPacket, noAddress } from './dhcp/dhcp-packet.ts';
import { relayOptionOf } from './dhcp/relay-option-of.ts';
import type { DhcpService } from './identify-client.ts';

const serverPort = 67;
const clientPort = 68;

/**
 * Where the reply to a request goes (RFC 2131 section 4.1). A relay gets it at its own port when it asks for that
 * (RFC 8357), else at 67. A client of port 4011 has an address and is answered where it sent from: EDK2 sends from 4011,
 * iPXE from 68. A client without an address cannot answer ARP yet, so it gets a broadcast; so does one whose address is
 * refused, for it may not be reachable by it.
 */
export function replyDestination(
  request: DhcpPacket,
  from: Endpoint,
  service: DhcpService,
  message?: number,
): Endpoint {
  if (request.giaddr !== noAddress) {
    return {
      address: request.giaddr,
      port: relayOptionOf(request, relayOption.sourcePort) === undefined ? serverPort : from.port,
    };
  }
  if (service === 'proxyDhcp') return from;
  if (request.ciaddr !== noAddress && message !== dhcpMessage.nak) return { address: request.ciaddr, port: clientPort };
  return { address: '255.255.255.255', port: clientPort };
}
