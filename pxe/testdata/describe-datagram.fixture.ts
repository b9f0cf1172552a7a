import { decodeDhcp } from '../dhcp/decode-dhcp.ts';
import { dhcpMessage, dhcpOption } from '../dhcp/dhcp-option.ts';
import { messageTypeOf } from '../dhcp/dhcp-packet.ts';
import { decodeTftp } from '../tftp/decode-tftp.ts';
import { textOfBytes } from '../wire-text.ts';

const nameOf = (table: Readonly<Record<string, number>>, value: number | undefined) =>
  Object.entries(table).find(([, one]) => one === value)?.[0];

/** A datagram of a boot service as people read it, one line a field. */
export function describeDatagram(port: number, bytes: Uint8Array): string[] {
  return port === 69 ? describeTftp(bytes) : describeDhcp(bytes);
}

function describeDhcp(bytes: Uint8Array): string[] {
  const decoded = decodeDhcp(bytes);
  if (decoded.kind === 'malformed') return [`malformed: ${decoded.reason}`];
  const { packet } = decoded;
  const message = nameOf(dhcpMessage, messageTypeOf(packet))?.toUpperCase() ?? 'without a type';
  const fields = (['ciaddr', 'yiaddr', 'siaddr', 'giaddr', 'sname', 'file'] as const)
    .filter((name) => packet[name] !== '' && packet[name] !== '0.0.0.0')
    .map((name) => `${name} ${packet[name]}`);
  return [
    `DHCP ${message}, op ${packet.op}, flags ${packet.flags.toString(16).padStart(4, '0')}, from ${hexOf(packet.chaddr)}`,
    ...(fields.length === 0 ? [] : [fields.join(', ')]),
    ...[...packet.options].map(
      ([code, value]) => `option ${code} ${nameOf(dhcpOption, code) ?? ''}: ${describe(value)}`,
    ),
  ];
}

function describeTftp(bytes: Uint8Array): string[] {
  const packet = decodeTftp(bytes);
  if (packet.kind !== 'read') return [`TFTP ${packet.kind}`];
  return [
    `TFTP RRQ ${packet.file} ${packet.mode}`,
    ...packet.options.entries().map(([name, value]) => `${name} ${value}`),
  ];
}

const describe = (value: Uint8Array) => {
  const text = textOfBytes(value).replace(/\0$/, '');
  return /^[\x20-\x7e]{3,}$/.test(text)
    ? `${JSON.stringify(text)}${text.length < value.length ? ' NUL' : ''}`
    : hexOf(value);
};

const hexOf = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ');
