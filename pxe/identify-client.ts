import { hexText } from '../core/hex-text.ts';
import type { MacAddress } from '../core/mac-address.ts';
import { type Architecture, clientArchitecture } from './client-architecture.ts';
import { dhcpOption } from './dhcp/dhcp-option.ts';
import { bootRequest, type DhcpPacket, macOf } from './dhcp/dhcp-packet.ts';
import { optionValue } from './dhcp/option-table.ts';
import { bytesOfText, textOfBytes } from './wire-text.ts';

/** Which of our two DHCP services was asked: port 67, or 4011 of the PXE specification. */
export type DhcpService = 'dhcp' | 'proxyDhcp';

/** What speaks for the machine, and how it fetches its boot file. */
export type ClientFirmware = 'uefi-http' | 'uefi-pxe' | 'bios-pxe' | 'bios-http' | 'u-boot' | 'ipxe' | 'other';

/** Everything that a boot request tells, computed once. */
export interface BootClient {
  readonly mac: MacAddress;
  /** SMBIOS UUID, lower case; firmware may send none. */
  readonly uuid?: string;
  /** Option 93 as sent: a list. */
  readonly architectures: readonly number[];
  readonly firmware: ClientFirmware;
  /** Absent when none of `architectures` is one that Talos runs on. */
  readonly architecture?: Architecture;
  readonly service: DhcpService;
  /** PCI vendor and device of the network card, as iPXE tells them: `1af4:1000`. */
  readonly networkCard?: string;
}

export type Identification =
  | { readonly kind: 'client'; readonly client: BootClient }
  /** Not ours: somebody else's packet, and no fault of anybody. */
  | { readonly kind: 'ignored'; readonly reason: string }
  /** Ours, but nothing can be done with it. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** Who asks for a boot file: a PXE client (option 60 `PXEClient…`) or a UEFI HTTP boot client (`HTTPClient…`). */
export function identifyClient(packet: DhcpPacket, service: DhcpService): Identification {
  if (packet.op !== bootRequest) return { kind: 'ignored', reason: 'a reply of another server' };
  const transport = transportOf(packet);
  if (transport === undefined) return { kind: 'ignored', reason: 'not a PXE or HTTP boot client' };
  const mac = macOf(packet);
  if (mac === undefined) return { kind: 'unusable', reason: 'boot client without an Ethernet address' };
  const architectures = architecturesOf(packet);
  if (architectures.length === 0) {
    return { kind: 'unusable', reason: `boot client ${mac} does not tell its architecture (option 93)` };
  }
  const uuid = uuidOf(packet);
  const networkCard = networkCardOf(packet);
  let architecture: Architecture | undefined;
  for (const type of architectures) architecture ??= clientArchitecture(type).architecture;
  return {
    kind: 'client',
    client: {
      mac,
      ...(uuid === undefined ? {} : { uuid }),
      architectures,
      firmware: firmwareOf(packet, clientArchitecture(architectures[0] ?? -1).firmware, transport),
      ...(architecture === undefined ? {} : { architecture }),
      service,
      ...(networkCard === undefined ? {} : { networkCard }),
    },
  };
}

function transportOf(packet: DhcpPacket): 'pxe' | 'http' | undefined {
  const vendorClass = packet.options.get(dhcpOption.vendorClass);
  if (vendorClass === undefined) return undefined;
  if (startsWith(vendorClass, pxeClient)) return 'pxe';
  return startsWith(vendorClass, httpClient) ? 'http' : undefined;
}

const pxeClient = bytesOfText('PXEClient');
const httpClient = bytesOfText('HTTPClient');

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  for (let at = 0; at < beginning.length; at += 1) if (bytes[at] !== beginning[at]) return false;
  return true;
}

/** iPXE names itself in option 77, bare or with the length octet of RFC 3004, and newer builds in option 175. */
function firmwareOf(
  packet: DhcpPacket,
  firmware: 'bios' | 'uefi' | 'u-boot' | 'other',
  transport: 'pxe' | 'http',
): ClientFirmware {
  const userClass = packet.options.get(dhcpOption.userClass);
  if (packet.options.has(dhcpOption.ipxe) || (userClass && textOfBytes(userClass).includes('iPXE'))) return 'ipxe';
  return firmware === 'bios' || firmware === 'uefi' ? `${firmware}-${transport}` : firmware;
}

function architecturesOf(packet: DhcpPacket): readonly number[] {
  return optionValue(packet.options, 'clientArchitecture') ?? [];
}

/** iPXE's sub-option 177: bus type 1 for PCI, vendor, device. */
function networkCardOf(packet: DhcpPacket): string | undefined {
  const value = optionValue(packet.options, 'ipxe')?.find(([code]) => code === 177)?.[1];
  if (value?.length !== 5 || value[0] !== 1) return undefined;
  return hexText(value, [1, 2, ':', 3, 4]);
}

/**
 * Option 97 as SMBIOS text: type 0, then a GUID whose first three fields are little-endian. Of any other form, or empty
 * as some firmware sends it, it tells no UUID.
 */
function uuidOf(packet: DhcpPacket): string | undefined {
  const value = packet.options.get(dhcpOption.clientMachineIdentifier);
  if (value?.length !== 17 || value[0] !== 0) return undefined;
  return hexText(value, guidLayout);
}

/** Where the octets of a GUID stand behind the type octet. */
const guidLayout = [4, 3, 2, 1, '-', 6, 5, '-', 8, 7, '-', 9, 10, '-', 11, 12, 13, 14, 15, 16];
