import { dhcpMessage } from '../dhcp/dhcp-option.ts';
import { type DhcpPacket, messageTypeOf, noAddress } from '../dhcp/dhcp-packet.ts';
import { encodedOption, type OptionName, type OptionValue, optionValue } from '../dhcp/option-table.ts';

export interface Wish {
  readonly requestedAddress?: string;
  readonly serverIdentifier?: string;
  readonly ciaddr?: string;
  readonly giaddr?: string;
  readonly options?: readonly (readonly [number, Uint8Array])[];
}

/** A message of a DHCP client, for tests. `client` is the last octet of its MAC address. */
export function message(kind: keyof typeof dhcpMessage, client: number, wish: Wish = {}): DhcpPacket {
  const optional = <Name extends OptionName>(name: Name, value: OptionValue<Name> | undefined) =>
    value === undefined ? [] : [encodedOption(name, value)];
  return {
    op: 1,
    htype: 1,
    hops: 0,
    xid: client,
    secs: 0,
    flags: 0,
    ciaddr: wish.ciaddr ?? noAddress,
    yiaddr: noAddress,
    siaddr: noAddress,
    giaddr: wish.giaddr ?? noAddress,
    chaddr: Uint8Array.of(0x52, 0x54, 0, 0, 0, client),
    sname: '',
    file: '',
    options: new Map([
      encodedOption('messageType', dhcpMessage[kind]),
      ...optional('requestedAddress', wish.requestedAddress),
      ...optional('serverIdentifier', wish.serverIdentifier),
      ...(wish.options ?? []),
    ]),
  };
}

/** What a reply says, in short: `offer 10.0.0.10`, `nak`, `silence`. */
export function said(reply: DhcpPacket | undefined): string {
  if (reply === undefined) return 'silence';
  const type = messageTypeOf(reply);
  const name = Object.entries(dhcpMessage).find(([, code]) => code === type)?.[0] ?? `type ${type ?? 'none'}`;
  return reply.yiaddr === noAddress ? name : `${name} ${reply.yiaddr}`;
}

/** A value of a reply by the name of its option. */
export const told = <Name extends OptionName>(reply: DhcpPacket | undefined, name: Name) =>
  reply === undefined ? undefined : optionValue(reply.options, name);
