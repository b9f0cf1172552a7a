import { textOfBytes } from '../wire-text.ts';
import { dhcpOption } from './dhcp-option.ts';
import { type DhcpPacket, headerSizeBytes, magicCookie } from './dhcp-packet.ts';

export type DecodedDhcp =
  | { readonly kind: 'packet'; readonly packet: DhcpPacket }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * The DHCP message in a datagram, or why there is none. Takes any bytes and never throws. Options in `file` and `sname`
 * (option 52) are found too, and the parts of a split option are joined in the order of RFC 3396 section 5.
 */
export function decodeDhcp(datagram: Uint8Array): DecodedDhcp {
  const bytes = new Uint8Array(datagram);
  if (bytes.length < headerSizeBytes) {
    return malformed(`${bytes.length} bytes are too few for a DHCP message`);
  }
  if (!magicCookie.every((octet, at) => bytes[236 + at] === octet)) return malformed('no DHCP magic cookie');
  const view = new DataView(bytes.buffer);
  const hlen = view.getUint8(2);
  if (hlen > 16) return malformed(`hardware address of ${hlen} bytes; the field has 16`);

  const fileField = bytes.subarray(108, 236);
  const snameField = bytes.subarray(44, 108);
  const parts = new Map<number, Uint8Array[]>();
  let reason = readOptions(bytes.subarray(headerSizeBytes), parts);
  const overload = parts.get(dhcpOption.overload)?.[0]?.[0] ?? 0;
  const isFileOverloaded = (overload & 1) !== 0;
  const isSnameOverloaded = (overload & 2) !== 0;
  if (isFileOverloaded) reason ??= readOptions(fileField, parts);
  if (isSnameOverloaded) reason ??= readOptions(snameField, parts);
  parts.delete(dhcpOption.overload);
  if (reason !== undefined) return malformed(reason);

  const address = (at: number) => bytes.subarray(at, at + 4).join('.');
  return {
    kind: 'packet',
    packet: {
      op: view.getUint8(0),
      htype: view.getUint8(1),
      hops: view.getUint8(3),
      xid: view.getUint32(4),
      secs: view.getUint16(8),
      flags: view.getUint16(10),
      ciaddr: address(12),
      yiaddr: address(16),
      siaddr: address(20),
      giaddr: address(24),
      chaddr: bytes.subarray(28, 28 + hlen),
      sname: isSnameOverloaded ? '' : textBeforeNul(snameField),
      file: isFileOverloaded ? '' : textBeforeNul(fileField),
      options: new Map(parts.entries().map(([code, values]) => [code, joined(values)])),
    },
  };
}

/** Adds the options of one field to `parts`; says what is wrong with the field, if anything. */
function readOptions(field: Uint8Array, parts: Map<number, Uint8Array[]>): string | undefined {
  let at = 0;
  while (at < field.length) {
    const code = field[at] ?? 0;
    at += 1;
    if (code === dhcpOption.pad) continue;
    if (code === dhcpOption.end) return undefined;
    const length = field[at];
    if (length === undefined || at + 1 + length > field.length) return `option ${code} runs past the end`;
    const part = field.subarray(at + 1, at + 1 + length);
    const before = parts.get(code);
    if (before === undefined) parts.set(code, [part]);
    else before.push(part);
    at += 1 + length;
  }
  return undefined;
}

function joined(values: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(values.reduce((size, value) => size + value.length, 0));
  let at = 0;
  for (const value of values) {
    all.set(value, at);
    at += value.length;
  }
  return all;
}

const malformed = (reason: string): DecodedDhcp => ({ kind: 'malformed', reason });

/** The characters before the first NUL. */
function textBeforeNul(field: Uint8Array): string {
  const end = field.indexOf(0);
  return textOfBytes(field.subarray(0, end < 0 ? field.length : end));
}
