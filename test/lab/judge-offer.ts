import { type DhcpMessage, ipv4Text, optionOf, textOf } from './dhcp-wire.ts';
import type { FirmwareScenario } from './scenario.ts';

/** What firmware makes of a DHCP reply while it looks for something to boot. */
export type Offer =
  /** `boot`: what the same server says of booting, when it is a boot offer as well. */
  | { readonly kind: 'address'; readonly address: string; readonly server: string; readonly boot?: BootOffer }
  | BootOffer
  | { readonly kind: 'ignored'; readonly reason: string };

type BootOffer =
  | { readonly kind: 'file'; readonly server: string; readonly file: string }
  | { readonly kind: 'url'; readonly url: string }
  /** A boot server that wants to be asked on port 4011 first. */
  | { readonly kind: 'ask-4011'; readonly server: string }
  /** PXE-E21: a menu was announced and none came. */
  | { readonly kind: 'cancelled' };

interface Asked {
  readonly xid: number;
  readonly mac: string;
  readonly sizeBytes: number;
  readonly expected: 2 | 5;
}

const ignored = (reason: string): Offer & { readonly kind: 'ignored' } => ({ kind: 'ignored', reason });
const maxPacketBytes = 1472;

/**
 * Judges as strictly as EDK2 does (Dhcp4Io.c, PxeBcDhcp4.c, HttpBootDhcp4.c): a reply without a server identifier is
 * dropped, one without the right vendor class is not a boot offer, and the vendor options decide whether port 4011 is
 * asked. `expected` is the message type: 2 for an OFFER, 5 for the ACK on port 4011.
 */
export function judgeOffer(reply: DhcpMessage, asked: Asked, transport: FirmwareScenario['transport']): Offer {
  if (reply.op !== 2) return ignored('it is not a reply');
  if (reply.xid !== asked.xid || reply.mac !== asked.mac) return ignored('it is for somebody else');
  if (asked.sizeBytes > maxPacketBytes) return ignored(`it is longer than ${maxPacketBytes} bytes`);
  if (optionOf(reply, 53)?.[0] !== asked.expected) return ignored('option 53 is missing or of another type');
  const serverId = optionOf(reply, 54);
  if (serverId?.length !== 4 || serverId.every((octet) => octet === 0)) return ignored('option 54 is missing');
  const server = ipv4Text(serverId);
  const boot = judgeBoot(reply, server, asked, transport);
  if (reply.yiaddr === '0.0.0.0') return boot;
  const { yiaddr: address } = reply;
  return { kind: 'address', address, server, ...(boot.kind === 'ignored' ? {} : { boot }) };
}

function judgeBoot(
  reply: DhcpMessage,
  server: string,
  { expected }: Asked,
  transport: FirmwareScenario['transport'],
): BootOffer | (Offer & { readonly kind: 'ignored' }) {
  const vendorClass = textOf(optionOf(reply, 60) ?? new Uint8Array());
  if (!vendorClass.startsWith(transport === 'http' ? 'HTTPClient' : 'PXEClient')) {
    return ignored('option 60 is not the vendor class that it asked with');
  }
  const named = textOf(optionOf(reply, 67) ?? new Uint8Array());
  const file = named === '' ? reply.file : named;
  if (transport === 'http') {
    return /^http:\/\/\d+\.\d+\.\d+\.\d+[:/]/.test(file)
      ? { kind: 'url', url: file }
      : ignored('option 67 is not an http URL with a literal address');
  }
  const bootServer = reply.siaddr === '0.0.0.0' ? server : reply.siaddr;
  if (expected === 5) {
    return file === '' ? ignored('it names no file') : { kind: 'file', server: bootServer, file };
  }
  const control = discoveryControl(optionOf(reply, 43));
  if (control === undefined) return { kind: 'ask-4011', server };
  if ((control & 8) === 0) return { kind: 'cancelled' };
  return file === '' ? { kind: 'ask-4011', server } : { kind: 'file', server: bootServer, file };
}

/** PXE 2.1 sub-option 6 of option 43; `undefined` without one. */
function discoveryControl(vendorOptions: Uint8Array | undefined): number | undefined {
  if (vendorOptions === undefined) return undefined;
  for (let at = 0; at + 1 < vendorOptions.length && vendorOptions[at] !== 255; ) {
    const length = vendorOptions[at + 1] ?? 0;
    if (vendorOptions[at] === 6 && length === 1) return vendorOptions[at + 2];
    at += 2 + length;
  }
  return undefined;
}
