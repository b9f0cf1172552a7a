import { dhcpOption } from './dhcp-option.ts';
import type { DhcpOptions } from './dhcp-options.ts';
import { type DhcpPacket, headerSizeBytes, magicCookie } from './dhcp-packet.ts';
import { writeIpv4 } from './ipv4-bytes.ts';
import { type SharedOutOptions, sharedOut } from './share-out-options.ts';

/** The smallest message that BOOTP relays and ROMs are known to accept (RFC 951: 300 bytes). */
const minimumSizeBytes = 300;

/**
 * The bytes of a DHCP message, padded to 300. Options keep their order; one of more than 255 bytes is split (RFC 3396).
 * When they are too many for `maximumSizeBytes`, those that are left over stand in `file` and `sname` as far as these
 * are empty (option 52); when they are too many even so, the message is longer than the maximum. `sname` must have at
 * most 64 and `file` at most 128 characters of one byte each; what is longer is cut.
 */
export function encodeDhcp(packet: DhcpPacket, maximumSizeBytes = Number.POSITIVE_INFINITY): Uint8Array {
  const plainSize = headerSizeBytes + sizeOfOptions(packet.options);
  const shared = plainSize <= maximumSizeBytes ? undefined : sharedOutFor(packet, maximumSizeBytes);
  const size = shared === undefined ? plainSize : headerSizeBytes + shared.main.length;
  const bytes = zeros(Math.max(minimumSizeBytes, size));
  writeHeader(bytes, packet);
  if (shared?.sname === undefined) writeText(bytes, 44, packet.sname, 64);
  else bytes.set(shared.sname, 44);
  if (shared?.file === undefined) writeText(bytes, 108, packet.file, 128);
  else bytes.set(shared.file, 108);
  if (shared === undefined) writeOptions(bytes, packet.options);
  else bytes.set(shared.main, headerSizeBytes);
  return bytes;
}

/** Out of Node's pool, which costs a fifth of memory of its own. */
function zeros(sizeBytes: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafe(sizeBytes).fill(0);
  return new Uint8Array(buffer, byteOffset, sizeBytes);
}

function writeHeader(bytes: Uint8Array, packet: DhcpPacket): void {
  const { xid, secs, flags } = packet;
  bytes[0] = packet.op;
  bytes[1] = packet.htype;
  bytes[2] = packet.chaddr.length;
  bytes[3] = packet.hops;
  bytes[4] = xid >>> 24;
  bytes[5] = xid >>> 16;
  bytes[6] = xid >>> 8;
  bytes[7] = xid;
  bytes[8] = secs >>> 8;
  bytes[9] = secs;
  bytes[10] = flags >>> 8;
  bytes[11] = flags;
  writeIpv4(bytes, 12, packet.ciaddr);
  writeIpv4(bytes, 16, packet.yiaddr);
  writeIpv4(bytes, 20, packet.siaddr);
  writeIpv4(bytes, 24, packet.giaddr);
  for (let at = 0; at < packet.chaddr.length; at += 1) bytes[28 + at] = packet.chaddr[at] ?? 0;
  for (let at = 0; at < 4; at += 1) bytes[236 + at] = magicCookie >>> (24 - 8 * at);
}

function writeText(bytes: Uint8Array, to: number, text: string, maximumLength: number): void {
  const length = Math.min(text.length, maximumLength);
  for (let at = 0; at < length; at += 1) bytes[to + at] = text.charCodeAt(at);
}

function sharedOutFor(packet: DhcpPacket, maximumSizeBytes: number): SharedOutOptions | undefined {
  return sharedOut(packet.options, {
    main: maximumSizeBytes - headerSizeBytes,
    ...(packet.file === '' ? { file: 128 } : {}),
    ...(packet.sname === '' ? { sname: 64 } : {}),
  });
}

/** With the end option. */
function sizeOfOptions(options: DhcpOptions): number {
  let size = 1;
  options.forEach((value) => {
    size += value.length + 2 * Math.max(1, Math.ceil(value.length / 255));
  });
  return size;
}

/** Octet by octet: most options are shorter than what a call of `set` costs. */
function writeOptions(bytes: Uint8Array, options: DhcpOptions): void {
  let to = headerSizeBytes;
  options.forEach((value, code) => {
    for (let from = 0; from === 0 || from < value.length; from += 255) {
      const length = Math.min(255, value.length - from);
      bytes[to] = code;
      bytes[to + 1] = length;
      for (let at = 0; at < length; at += 1) bytes[to + 2 + at] = value[from + at] ?? 0;
      to += 2 + length;
    }
  });
  bytes[to] = dhcpOption.end;
}
