import { parseIpv4 } from '../../core/ipv4.ts';
import { bytesOfText } from '../wire-text.ts';
import { dhcpOption } from './dhcp-option.ts';
import { type DhcpPacket, headerSizeBytes, magicCookie } from './dhcp-packet.ts';

/** The smallest message that BOOTP relays and ROMs are known to accept (RFC 951: 300 bytes). */
const minimumSizeBytes = 300;

/**
 * The bytes of a DHCP message, padded to 300. Options keep their order; one of more than 255 bytes is split (RFC 3396).
 * `sname` must have at most 64 and `file` at most 128 characters of one byte each; what is longer is cut.
 */
export function encodeDhcp(packet: DhcpPacket): Uint8Array {
  const options = encodeOptions(packet.options);
  const bytes = new Uint8Array(Math.max(minimumSizeBytes, headerSizeBytes + options.length));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, packet.op);
  view.setUint8(1, packet.htype);
  view.setUint8(2, packet.chaddr.length);
  view.setUint8(3, packet.hops);
  view.setUint32(4, packet.xid);
  view.setUint16(8, packet.secs);
  view.setUint16(10, packet.flags);
  [packet.ciaddr, packet.yiaddr, packet.siaddr, packet.giaddr].forEach((address, index) => {
    view.setUint32(12 + 4 * index, parseIpv4(address) ?? 0);
  });
  bytes.set(packet.chaddr, 28);
  bytes.set(bytesOfText(packet.sname).subarray(0, 64), 44);
  bytes.set(bytesOfText(packet.file).subarray(0, 128), 108);
  bytes.set(magicCookie, 236);
  bytes.set(options, headerSizeBytes);
  return bytes;
}

/** Options as they stand on the wire, with the end option. */
export function encodeOptions(options: DhcpPacket['options']): Uint8Array {
  const written: number[] = [];
  for (const [code, value] of options) {
    for (let at = 0; at === 0 || at < value.length; at += 255) {
      const part = value.subarray(at, at + 255);
      written.push(code, part.length, ...part);
    }
  }
  return Uint8Array.from([...written, dhcpOption.end]);
}
