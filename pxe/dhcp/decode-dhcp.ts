import { textOfBytes } from '../wire-text.ts';
import { dhcpOption } from './dhcp-option.ts';
import { type DhcpPacket, headerSizeBytes, magicCookie } from './dhcp-packet.ts';
import { ipv4OfBytes } from './ipv4-bytes.ts';
import { number16At, number32At } from './number-bytes.ts';
import { OptionList } from './option-list.ts';

export type DecodedDhcp =
  | { readonly kind: 'packet'; readonly packet: DhcpPacket }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * The DHCP message in a datagram, or why there is none; its bytes stay those of the datagram. Takes any bytes and never throws. Options in `file` and `sname`
 * (option 52) are found too, and the parts of a split option are joined in the order of RFC 3396 section 5.
 */
export function decodeDhcp(datagram: Uint8Array): DecodedDhcp {
  // A view of a Buffer is a Buffer, and costs twice as much.
  const bytes = new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (bytes.length < headerSizeBytes) {
    return malformed(`${bytes.length} bytes are too few for a DHCP message`);
  }
  if (number32At(bytes, 236) !== magicCookie) return malformed('no DHCP magic cookie');
  const hlen = bytes[2] ?? 0;
  if (hlen > 16) return malformed(`hardware address of ${hlen} bytes; the field has 16`);

  const parts = new OptionParts(bytes);
  let reason = parts.read(headerSizeBytes, bytes.length);
  const overload = parts.overload();
  const isFileOverloaded = (overload & 1) !== 0;
  const isSnameOverloaded = (overload & 2) !== 0;
  if (isFileOverloaded) reason ??= parts.read(108, 236);
  if (isSnameOverloaded) reason ??= parts.read(44, 108);
  if (reason !== undefined) return malformed(reason);

  return {
    kind: 'packet',
    packet: {
      op: bytes[0] ?? 0,
      htype: bytes[1] ?? 0,
      hops: bytes[3] ?? 0,
      xid: number32At(bytes, 4),
      secs: number16At(bytes, 8),
      flags: number16At(bytes, 10),
      ciaddr: ipv4OfBytes(bytes, 12),
      yiaddr: ipv4OfBytes(bytes, 16),
      siaddr: ipv4OfBytes(bytes, 20),
      giaddr: ipv4OfBytes(bytes, 24),
      chaddr: bytes.subarray(28, 28 + hlen),
      sname: isSnameOverloaded ? '' : textBeforeNul(bytes, 44, 108),
      file: isFileOverloaded ? '' : textBeforeNul(bytes, 108, 236),
      options: parts.joined(),
    },
  };
}

/** Options in the order in which each first stood on the wire; of those that came in parts, the parts in theirs. */
class OptionParts {
  readonly #bytes: Uint8Array;
  readonly #first: OptionList;
  /** Most messages split none. */
  #more: Map<number, Uint8Array[]> | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#first = new OptionList(bytes);
  }

  /** Adds the options of the field from `start` to `end`; says what is wrong with the field, if anything. */
  read(start: number, end: number): string | undefined {
    const bytes = this.#bytes;
    let at = start;
    while (at < end) {
      const code = bytes[at] ?? 0;
      at += 1;
      if (code === dhcpOption.pad) continue;
      if (code === dhcpOption.end) return undefined;
      const next = at + 1 + (bytes[at] ?? 0);
      if (at === end || next > end) return `option ${code} runs past the end`;
      this.#add(code, at + 1, next);
      at = next;
    }
    return undefined;
  }

  /** Option 52, which is no option of the message but says where more of them are. */
  overload(): number {
    return this.#first.get(dhcpOption.overload)?.[0] ?? 0;
  }

  joined(): OptionList {
    for (const [code, more] of this.#more ?? [])
      this.#first.set(code, joined([this.#first.get(code) ?? none, ...more]));
    this.#first.delete(dhcpOption.overload);
    return this.#first;
  }

  #add(code: number, start: number, end: number): void {
    if (!this.#first.has(code)) {
      this.#first.addFrom(code, start, end);
      return;
    }
    const part = this.#bytes.subarray(start, end);
    this.#more ??= new Map();
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

/** The characters of the field from `start` to `end` before its first NUL. */
function textBeforeNul(bytes: Uint8Array, start: number, end: number): string {
  if (bytes[start] === 0) return '';
  const field = bytes.subarray(start, end);
  const length = field.indexOf(0);
  return textOfBytes(length < 0 ? field : field.subarray(0, length));
}
