import { dhcpOption } from './dhcp/dhcp-option.ts';
import { bootReply as bootReplyOp, type DhcpPacket, noAddress } from './dhcp/dhcp-packet.ts';
import { encodeDhcp } from './dhcp/encode-dhcp.ts';
import { OptionList } from './dhcp/option-list.ts';
import { encodedOption } from './dhcp/option-table.ts';

/** The client is asked to listen for broadcasts: before it has an address it hears nothing else (RFC 2131 section 2). */
const broadcastFlag = 0x8000;

type EncodedOptions = readonly (readonly [code: number, bytes: Uint8Array])[];

/** What tells a client where its boot file is. */
export interface BootFields {
  readonly siaddr: string;
  readonly sname: string;
  readonly file: string;
  /** Those that name the boot file; they stand last, for EDK2 writes a zero behind option 67. */
  readonly options: EncodedOptions;
}

export interface ReplyParts {
  /** Value of option 53. */
  readonly message: number;
  readonly serverIdentifier: string;
  readonly yiaddr?: string;
  readonly ciaddr?: string;
  readonly options?: EncodedOptions;
  readonly boot?: BootFields | undefined;
}

/**
 * A reply in the form that all clients take: options 53 and 54 first, what the client identified itself by echoed
 * (option 61 by RFC 6842, 97 by PXE 2.1, 118 by RFC 3011), the relay's option 82 last (RFC 3046 section 2.2).
 */
export function frameReply(request: DhcpPacket, parts: ReplyParts): DhcpPacket {
  const { boot } = parts;
  const options = new OptionList();
  const add = ([code, value]: readonly [number, Uint8Array]) => options.set(code, value);
  add(encodedOption('messageType', parts.message));
  add(encodedOption('serverIdentifier', parts.serverIdentifier));
  for (const option of parts.options ?? []) add(option);
  const echo = (code: number) => {
    const value = request.options.get(code);
    if (value !== undefined) options.set(code, value);
  };
  echo(dhcpOption.clientMachineIdentifier);
  echo(dhcpOption.clientIdentifier);
  echo(dhcpOption.subnetSelection);
  for (const option of boot?.options ?? []) add(option);
  echo(dhcpOption.relayAgentInformation);
  return {
    op: bootReplyOp,
    htype: request.htype,
    hops: 0,
    xid: request.xid,
    secs: 0,
    flags: broadcastFlag,
    ciaddr: parts.ciaddr ?? noAddress,
    yiaddr: parts.yiaddr ?? noAddress,
    siaddr: boot?.siaddr ?? noAddress,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: boot?.sname ?? '',
    file: boot?.file ?? '',
    options,
  };
}

/**
 * The bytes of a reply, no longer than the client takes. When it is too long, options move into `sname` (which only
 * repeats siaddr), then into `file` as well (which only repeats option 67), and at last the echoes are given up.
 */
export function encodeReply(request: DhcpPacket, reply: DhcpPacket): Uint8Array {
  const maximum = maximumSizeBytes(request);
  const bytes = encodeDhcp(reply, maximum);
  return bytes.length <= maximum ? bytes : (encodeTightly(reply, maximum) ?? bytes);
}

function encodeTightly(reply: DhcpPacket, maximum: number): Uint8Array | undefined {
  const withoutEchoes = new Map(reply.options);
  withoutEchoes.delete(dhcpOption.clientIdentifier);
  withoutEchoes.delete(dhcpOption.clientMachineIdentifier);
  const file = reply.options.has(dhcpOption.bootFileName) ? '' : reply.file;
  return [
    { ...reply, sname: '' },
    { ...reply, sname: '', file },
    { ...reply, options: withoutEchoes },
    { ...reply, sname: '', file, options: withoutEchoes },
  ]
    .map((way) => encodeDhcp(way, maximum))
    .find((bytes) => bytes.length <= maximum);
}

/**
 * The longest message that the client takes: option 57 counts the IP and UDP headers, 576 when absent (RFC 2132 section
 * 9.10). EDK2 writes option 57 byte-swapped (65280 for 255) and drops what does not fit one Ethernet frame.
 */
export function maximumSizeBytes(request: DhcpPacket): number {
  const [high = 0, low = 0] = request.options.get(dhcpOption.maximumMessageSize) ?? [];
  return Math.min(Math.max(256 * high + low, 576), 1500) - 28;
}
