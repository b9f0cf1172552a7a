import type { MacAddress } from '../../core/mac-address.ts';
import { macOfBytes } from '../../core/mac-address.ts';
import { dhcpOption } from './dhcp-option.ts';
import type { DhcpOptions } from './dhcp-options.ts';

/**
 * A DHCP message (RFC 2131 section 2).
 *
 * ```
 *  0               8               16              24            31
 * +---------------+---------------+---------------+---------------+
 * |      op       |     htype     |     hlen      |     hops      |
 * +---------------+---------------+---------------+---------------+
 * |                              xid                              |
 * +-------------------------------+-------------------------------+
 * |             secs              |             flags             |
 * +-------------------------------+-------------------------------+
 * |               ciaddr, yiaddr, siaddr, giaddr (4 each)         |
 * +---------------------------------------------------------------+
 * |                          chaddr (16)                          |
 * +---------------------------------------------------------------+
 * |                          sname (64)                           |
 * +---------------------------------------------------------------+
 * |                          file (128)                           |
 * +---------------------------------------------------------------+
 * |          magic cookie 63 82 53 63, then the options           |
 * +---------------------------------------------------------------+
 * ```
 */
export interface DhcpPacket {
  /** 1 request, 2 reply. */
  readonly op: number;
  readonly htype: number;
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  readonly flags: number;
  /** Dotted quads; `0.0.0.0` for none. */
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  /** The first `hlen` bytes of the field. */
  readonly chaddr: Uint8Array;
  readonly sname: string;
  readonly file: string;
  readonly options: DhcpOptions;
}

export const bootRequest = 1;
export const bootReply = 2;
export const noAddress = '0.0.0.0';
export const magicCookie = 0x63_82_53_63;
/** Bytes before the first option. */
export const headerSizeBytes = 240;

/** Option 53; `undefined` for a BOOTP message. */
export function messageTypeOf(packet: DhcpPacket): number | undefined {
  return packet.options.get(dhcpOption.messageType)?.[0];
}

/** The MAC address of an Ethernet client; `undefined` for other hardware (InfiniBand leaves chaddr empty, RFC 4390). */
export function macOf(packet: DhcpPacket): MacAddress | undefined {
  return packet.htype === 1 && packet.chaddr.length === 6 ? macOfBytes(packet.chaddr) : undefined;
}
