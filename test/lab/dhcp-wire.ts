import { type MacAddress, macOfBytes } from '../../core/mac-address.ts';

/**
 * DHCP as the simulated machines speak it (RFC 2131 section 2, RFC 2132). Written apart from the boot server's codec
 * on purpose: a mistake that both shared would never show.
 */
export interface DhcpMessage {
  /** 1 asks, 2 answers. */
  readonly op: number;
  readonly hops: number;
  readonly xid: number;
  readonly flags: number;
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  readonly mac: MacAddress;
  readonly file: string;
  /** In the order of the wire. */
  readonly options: readonly DhcpOption[];
}

export type DhcpOption = readonly [code: number, value: Uint8Array];

const headerBytes = 236;
const cookie = 0x63825363;

export function writeDhcp(message: DhcpMessage): Uint8Array {
  const header = Buffer.alloc(headerBytes + 4);
  header.set([message.op, 1, 6, message.hops]);
  header.writeUInt32BE(message.xid, 4);
  header.writeUInt16BE(message.flags, 10);
  header.set(ipv4Bytes(message.ciaddr), 12);
  header.set(ipv4Bytes(message.yiaddr), 16);
  header.set(ipv4Bytes(message.siaddr), 20);
  header.set(ipv4Bytes(message.giaddr), 24);
  header.set(Buffer.from(message.mac.replaceAll(':', ''), 'hex'), 28);
  header.write(message.file, 108, 127, 'latin1');
  header.writeUInt32BE(cookie, headerBytes);
  const options = message.options.map(([code, value]) => Buffer.concat([Buffer.from([code, value.length]), value]));
  return Buffer.concat([header, ...options, Buffer.from([255])]);
}

/** `undefined` for what no client would take for DHCP. */
export function readDhcp(bytes: Uint8Array): DhcpMessage | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < headerBytes + 4 || view.readUInt32BE(headerBytes) !== cookie) return undefined;
  if (view[1] !== 1 || view[2] !== 6) return undefined;
  const options: DhcpOption[] = [];
  for (let at = headerBytes + 4; at < view.length; ) {
    const code = view[at];
    if (code === 255) break;
    if (code === undefined || code === 0) {
      at += 1;
      continue;
    }
    const length = view[at + 1];
    if (length === undefined || at + 2 + length > view.length) return undefined;
    options.push([code, view.subarray(at + 2, at + 2 + length)]);
    at += 2 + length;
  }
  return {
    op: view.readUInt8(0),
    hops: view.readUInt8(3),
    xid: view.readUInt32BE(4),
    flags: view.readUInt16BE(10),
    ciaddr: ipv4Text(view.subarray(12, 16)),
    yiaddr: ipv4Text(view.subarray(16, 20)),
    siaddr: ipv4Text(view.subarray(20, 24)),
    giaddr: ipv4Text(view.subarray(24, 28)),
    mac: macOfBytes(view.subarray(28, 34)),
    file: textOf(view.subarray(108, headerBytes)),
    options,
  };
}

/** The value of the option; the parts of a split one joined (RFC 3396). */
export function optionOf(message: DhcpMessage, code: number): Uint8Array | undefined {
  const parts = message.options.filter(([known]) => known === code).map(([, value]) => value);
  return parts.length === 0 ? undefined : Buffer.concat(parts);
}

/** Text up to the first NUL. */
export function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

export const ipv4Bytes = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number));
export const ipv4Text = (bytes: Uint8Array): string => [...bytes.subarray(0, 4)].join('.');
