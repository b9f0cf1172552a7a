import type { MacAddress } from '../core/mac-address.ts';
import { decodeDhcp } from './dhcp/decode-dhcp.ts';
import type { DhcpPacket } from './dhcp/dhcp-packet.ts';
import type { BootClient } from './identify-client.ts';

/** The packet in these bytes, which the test knows to be good. */
export function packetOf(bytes: Uint8Array): DhcpPacket {
  const decoded = decodeDhcp(bytes);
  if (decoded.kind === 'malformed') throw new Error(decoded.reason);
  return decoded.packet;
}

/** The packet with some options set, or taken out with `undefined`. */
export function withOptions(packet: DhcpPacket, changes: Readonly<Record<number, Uint8Array | undefined>>): DhcpPacket {
  const options = new Map(packet.options);
  for (const [code, value] of Object.entries(changes)) {
    if (value === undefined) options.delete(Number(code));
    else options.set(Number(code), value);
  }
  return { ...packet, options };
}

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

export const pxeClient: BootClient = {
  mac: '52:54:00:98:00:02' as MacAddress,
  uuid: '11223344-5566-7788-99aa-bbccddeeff02',
  architectures: [7],
  firmware: 'uefi-pxe',
  architecture: 'amd64',
  service: 'dhcp',
};

export const httpClient: BootClient = {
  mac: '52:54:00:98:00:01' as MacAddress,
  uuid: '11223344-5566-7788-99aa-bbccddeeff01',
  architectures: [16],
  firmware: 'uefi-http',
  architecture: 'amd64',
  service: 'dhcp',
};
