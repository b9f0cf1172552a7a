import { advertisementOf, type BootDecision } from './decide-boot.ts';
import { dhcpMessage } from './dhcp/dhcp-option.ts';
import { type DhcpPacket, messageTypeOf } from './dhcp/dhcp-packet.ts';
import { encodedOption } from './dhcp/option-table.ts';
import { type BootFields, frameReply } from './frame-reply.ts';
import type { DhcpService } from './identify-client.ts';

/** PXE 2.1 discovery control, sub-option 6 of option 43. Bit 3: take the boot file of this very packet, ask nobody else. */
const discoveryControl = 6;
const takeThisBootFile = Uint8Array.of(8);
const skipDiscovery = encodedOption('vendorSpecific', [[discoveryControl, takeThisBootFile]]);

/**
 * iPXE's option 175, sub-option 1: a signed number, 0 when absent. With a higher one iPXE takes our boot file before the
 * one that the DHCP server of its address still names in option 67.
 */
const ipxePriority = 1;
const aboveOthers = Uint8Array.of(1);
const preferUs = encodedOption('ipxe', [[ipxePriority, aboveOthers]]);

const vendorClasses = {
  PXEClient: encodedOption('vendorClass', 'PXEClient'),
  HTTPClient: encodedOption('vendorClass', 'HTTPClient'),
};

/**
 * The reply that gives a client its boot file beside the network's own DHCP server, or `undefined` where silence is the
 * answer: OFFER to a DISCOVER on port 67, ACK to a REQUEST on port 4011 (PXE 2.1; RFC 2131 for the form). It gives no
 * address: firmware joins it with the OFFER that does. EDK2 drops a reply without options 53 and 54.
 */
export function bootReply(
  request: DhcpPacket,
  service: DhcpService,
  decision: BootDecision,
  serverAddress: string,
): DhcpPacket | undefined {
  const message = replyMessage(messageTypeOf(request), service);
  if (message === undefined) return undefined;
  const boot = bootFields(service, decision, serverAddress);
  return boot === undefined ? undefined : frameReply(request, { message, serverIdentifier: serverAddress, boot });
}

/**
 * What a decision says on the wire; `undefined` for one that gives no file. PXE ROMs look for the boot file in the
 * header, EDK2 in option 67, U-Boot reads the header only: so it stands in both.
 */
export function bootFields(
  service: DhcpService,
  decision: BootDecision,
  serverAddress: string,
): BootFields | undefined {
  const advertisement = advertisementOf(decision);
  if (advertisement === undefined) return undefined;
  const { bootFile, vendorClass } = advertisement;
  const skipsDiscovery = vendorClass === 'PXEClient' && service === 'dhcp';
  const options = [vendorClasses[vendorClass]];
  if (skipsDiscovery) options.push(skipDiscovery);
  if (vendorClass === 'PXEClient' && bootFile.startsWith('http://')) options.push(preferUs);
  options.push(encodedOption('bootFileName', bootFile));
  return { siaddr: serverAddress, sname: serverAddress, file: bootFile.length <= 127 ? bootFile : '', options };
}

function replyMessage(message: number | undefined, service: DhcpService): number | undefined {
  if (service === 'dhcp') return message === dhcpMessage.discover ? dhcpMessage.offer : undefined;
  return message === dhcpMessage.request ? dhcpMessage.ack : undefined;
}
