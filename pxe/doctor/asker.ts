import { dhcpMessage } from '../dhcp/dhcp-option.ts';
import { bootRequest, type DhcpPacket, noAddress } from '../dhcp/dhcp-packet.ts';
import { encodedOption } from '../dhcp/option-table.ts';

/** A kind of firmware that the doctor speaks as. */
export interface Asker {
  readonly name: string;
  readonly transport: 'pxe' | 'http';
  /** Number of option 93. */
  readonly architecture: number;
}

/** The kinds that meet in a rack; the first two are those that decide about UEFI machines. */
export const askers: readonly Asker[] = [
  { name: 'x64 UEFI PXE', transport: 'pxe', architecture: 7 },
  { name: 'x64 UEFI HTTP', transport: 'http', architecture: 16 },
  { name: 'arm64 UEFI PXE', transport: 'pxe', architecture: 11 },
  { name: 'x86 BIOS PXE', transport: 'pxe', architecture: 0 },
];

/** The DISCOVER flag that asks for a broadcast reply: nobody has the address that is offered. */
const broadcastFlag = 0x80_00;

/** What PXE firmware wants to know (PXE 2.1 table 2-1), with what an address needs. */
const wanted = [1, 3, 6, 43, 54, 60, 66, 67, 97, 128, 129];

/**
 * A DISCOVER as firmware of this kind sends it. The hardware address is made up and locally administered (02:…), and
 * no REQUEST follows, so that no lease is taken.
 */
export function composeDiscover({ transport, architecture }: Asker, noise: Uint8Array): DhcpPacket {
  const view = new DataView(noise.buffer, noise.byteOffset, noise.byteLength);
  const className = transport === 'pxe' ? 'PXEClient' : 'HTTPClient';
  const guid = Uint8Array.from([0, ...noise.subarray(0, 16)]);
  return {
    op: bootRequest,
    htype: 1,
    hops: 0,
    xid: view.getUint32(0),
    secs: 0,
    flags: broadcastFlag,
    ciaddr: noAddress,
    yiaddr: noAddress,
    siaddr: noAddress,
    giaddr: noAddress,
    chaddr: Uint8Array.from([2, ...noise.subarray(4, 9)]),
    sname: '',
    file: '',
    options: new Map([
      encodedOption('messageType', dhcpMessage.discover),
      encodedOption('maximumMessageSize', 1472),
      encodedOption('parameterRequestList', Uint8Array.from(wanted)),
      encodedOption('clientMachineIdentifier', guid),
      encodedOption('clientNetworkInterface', Uint8Array.of(1, 3, 16)),
      encodedOption('clientArchitecture', [architecture]),
      encodedOption('vendorClass', `${className}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003016`),
    ]),
  };
}

/** Random bytes that one DISCOVER needs. */
export const noiseBytes = 16;
