import { parseIpv4 } from '../core/ipv4.ts';
import type { BootDecision } from './decide-boot.ts';
import { dhcpMessage, dhcpOption } from './dhcp/dhcp-option.ts';
import {
  bootReply as bootReplyOp,
  type DhcpOptions,
  type DhcpPacket,
  headerSizeBytes,
  messageTypeOf,
  noAddress,
} from './dhcp/dhcp-packet.ts';
import { encodeOptions } from './dhcp/encode-dhcp.ts';
import type { DhcpService } from './identify-client.ts';
import { bytesOfText } from './wire-text.ts';

/** The client is asked to listen for broadcasts: before it has an address it hears nothing else (RFC 2131 section 2). */
const broadcastFlag = 0x8000;

/** PXE 2.1 discovery control, sub-option 6 of option 43: bit 3, take the boot file of this very packet, ask nobody else. */
const takeThisBootFile = Uint8Array.of(6, 1, 8, dhcpOption.end);

/**
 * The reply that gives a client its boot file, or `undefined` where silence is the answer: OFFER to a DISCOVER on port
 * 67, ACK to a REQUEST on port 4011 (PXE 2.1; RFC 2131 for the form). We give no address: that is the work of the
 * network's own DHCP server, whose OFFER the firmware joins with this one.
 *
 * EDK2 drops a reply without options 53 and 54; PXE ROMs look for the boot file in the header, EDK2 in option 67, U-Boot
 * reads the header only: so it stands in both. EDK2 writes a zero behind option 67, so nothing but option 82 follows it.
 */
export function bootReply(
  request: DhcpPacket,
  service: DhcpService,
  decision: BootDecision,
  serverAddress: string,
): DhcpPacket | undefined {
  const message = replyMessage(messageTypeOf(request), service);
  if (message === undefined) return undefined;
  if (decision.kind !== 'uki-http' && decision.kind !== 'uki-tftp') return undefined;
  const isPxe = decision.kind === 'uki-tftp';
  const bootFile = isPxe ? decision.file.name : decision.url;
  const options = new Map<number, Uint8Array>([
    [dhcpOption.messageType, Uint8Array.of(message)],
    [dhcpOption.serverIdentifier, addressBytes(serverAddress)],
    [dhcpOption.vendorClass, bytesOfText(isPxe ? 'PXEClient' : 'HTTPClient')],
  ]);
  const echo = (code: number) => {
    const value = request.options.get(code);
    if (value !== undefined) options.set(code, value);
  };
  echo(dhcpOption.clientMachineIdentifier);
  echo(dhcpOption.clientIdentifier);
  if (isPxe && service === 'dhcp') options.set(dhcpOption.vendorSpecific, takeThisBootFile);
  options.set(dhcpOption.bootFileName, bytesOfText(`${bootFile}\0`));
  echo(dhcpOption.relayAgentInformation);

  return {
    op: bootReplyOp,
    htype: request.htype,
    hops: 0,
    xid: request.xid,
    secs: 0,
    flags: broadcastFlag,
    ciaddr: noAddress,
    yiaddr: noAddress,
    siaddr: serverAddress,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: serverAddress,
    file: bootFile.length <= 127 ? bootFile : '',
    options: fitting(options, maximumSizeBytes(request)),
  };
}

function replyMessage(message: number | undefined, service: DhcpService): number | undefined {
  if (service === 'dhcp') return message === dhcpMessage.discover ? dhcpMessage.offer : undefined;
  return message === dhcpMessage.request ? dhcpMessage.ack : undefined;
}

/**
 * The longest message that the client takes: option 57 counts the IP and UDP headers, 576 when absent (RFC 2132 section
 * 9.10). EDK2 writes option 57 byte-swapped (65280 for 255) and drops what does not fit one Ethernet frame.
 */
export function maximumSizeBytes(request: DhcpPacket): number {
  const [high = 0, low = 0] = request.options.get(dhcpOption.maximumMessageSize) ?? [];
  return Math.min(Math.max(256 * high + low, 576), 1500) - 28;
}

/** Echoed options are given up before the reply is too long to be taken. */
function fitting(options: Map<number, Uint8Array>, sizeBytes: number): DhcpOptions {
  for (const code of [dhcpOption.clientIdentifier, dhcpOption.clientMachineIdentifier]) {
    if (headerSizeBytes + encodeOptions(options).length <= sizeBytes) break;
    options.delete(code);
  }
  return options;
}

function addressBytes(address: string): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, parseIpv4(address) ?? 0);
  return bytes;
}
