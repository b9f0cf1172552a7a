import type { Endpoint } from '../core/ports.ts';
import { dhcpOption, relaySourcePort } from './dhcp/dhcp-option.ts';
import { type DhcpPacket, noAddress } from './dhcp/dhcp-packet.ts';
import type { DhcpService } from './identify-client.ts';

const serverPort = 67;
const clientPort = 68;

/**
 * Where the reply to a request goes (RFC 2131 section 4.1). A relay gets it at its own port when it asks for that
 * (RFC 8357), else at 67. A client of port 4011 has an address and is answered where it sent from: EDK2 sends from 4011,
 * iPXE from 68. A client without an address cannot answer ARP yet, so it gets a broadcast.
 */
export function replyDestination(request: DhcpPacket, from: Endpoint, service: DhcpService): Endpoint {
  if (request.giaddr !== noAddress) {
    return { address: request.giaddr, port: asksForSourcePort(request) ? from.port : serverPort };
  }
  if (service === 'proxyDhcp') return from;
  if (request.ciaddr !== noAddress) return { address: request.ciaddr, port: clientPort };
  return { address: '255.255.255.255', port: clientPort };
}

function asksForSourcePort(request: DhcpPacket): boolean {
  const information = request.options.get(dhcpOption.relayAgentInformation) ?? new Uint8Array();
  for (let at = 0; at + 1 < information.length; at += 2 + (information[at + 1] ?? 0)) {
    if (information[at] === relaySourcePort) return true;
  }
  return false;
}
