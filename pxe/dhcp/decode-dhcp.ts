import { textOfBytes } from '../wire-text.ts';
import { dhcpOption } from './dhcp-option.ts';
import { type DhcpPacket, headerSizeBytes, magicCookie } from './dhcp-packet.ts';
import { ipv4OfBytes } from './ipv4-bytes.ts';

export type DecodedDhcp =
  | { readonly kind: 'packet'; readonly packet: DhcpPacket }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * The DHCP message in a datagram, or why there is none; its bytes stay those of the datagram. Takes any bytes and never throws. Options in `file` and `sname`
 * (option 52) are found too, and the parts of a split option are joined in the order of RFC 3396 section 5.
 */
export function decodeDhcp(datagram: Uint8Array): DecodedDhcp {
  const bytes = new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length < headerSizeBytes) {
    return malformed(`${bytes.length} bytes are too few for a DHCP message`);
  }
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (view.getUint32(236) !== magicCookie) return malformed('no DHCP magic cookie');
  const hlen = view.getUint8(2);
  if (hlen > 16) return malformed(`hardware address of ${hlen} bytes; the field has 16`);

  const fileField = bytes.subarray(108, 236);
  const snameField = bytes.subarray(44, 108);
  const parts = new OptionParts();
  let reason = parts.read(bytes.subarray(headerSizeBytes));
  const overload = parts.overload();
  const isFileOverloaded = (overload & 1) !== 0;
  const isSnameOverloaded = (overload & 2) !== 0;
  if (isFileOverloaded) reason ??= parts.read(fileField);
  if (isSnameOverloaded) reason ??= parts.read(snameField);
  if (reason !== undefined) return malformed(reason);

  return {
    kind: 'packet',
    packet: {
      op: view.getUint8(0),
      htype: view.getUint8(1),
      hops: view.getUint8(3),
      xid: view.getUint32(4),
      secs: view.getUint16(8),
      flags: view.getUint16(10),
      ciaddr: ipv4OfBytes(bytes, 12),
      yiaddr: ipv4OfBytes(bytes, 16),
      siaddr: ipv4OfBytes(bytes, 20),
      giaddr: ipv4OfBytes(bytes, 24),
      chaddr: bytes.subarray(28, 28 + hlen),
      sname: isSnameOverloaded ? '' : textBeforeNul(snameField),
      file: isFileOverloaded ? '' : textBeforeNul(fileField),
      options: parts.joined(),
    },
  };
}

/** Options in the order in which each first stood on the wire; of those that came in parts, the parts in theirs. */
class OptionParts {
  readonly #first = new Map<number, Uint8Array>();
  readonly #more = new Map<number, Uint8Array[]>();

  /** Adds the options of one field; says what is wrong with the field, if anything. */
  read(field: Uint8Array): string | undefined {
    let at = 0;
    while (at < field.length) {
      const code = field[at] ?? 0;
      at += 1;
      if (code === dhcpOption.pad) continue;
      if (code === dhcpOption.end) return undefined;
      const length = field[at];
      if (length === undefined || at + 1 + length > field.length) return `option ${code} runs past the end`;
      this.#add(code, field.subarray(at + 1, at + 1 + length));
      at += 1 + length;
    }
    return undefined;
  }

  /** Option 52, which is no option of the message but says where more of them are. */
  overload(): number {
    return this.#first.get(dhcpOption.overload)?.[0] ?? 0;
  }

  joined(): Map<number, Uint8Array> {
    for (const [code, more] of this.#more) this.#first.set(code, joined([this.#first.get(code) ?? none, ...more]));
    this.#first.delete(dhcpOption.overload);
    return this.#first;
  }

  #add(code: number, part: Uint8Array): void {
    if (!this.#first.has(code)) {
      this.#first.set(code, part);
      return;
    }
    const more = this.#more.get(code);
    if (more === undefined) this.#more.set(code, [part]);
    else more.push(part);
  }
}

const none = new Uint8Array();

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
  if (end === 0) return '';
  return textOfBytes(field.subarray(0, end < 0 ? field.length : end));
}
