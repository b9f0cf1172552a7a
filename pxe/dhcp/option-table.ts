import type { DhcpOptions } from './dhcp-options.ts';
import {
  address,
  addresses,
  bytes,
  number16,
  number32,
  numbers16,
  type OptionFormat,
  octet,
  subOptionsOf,
  terminatedText,
  text,
} from './option-format.ts';

interface OptionRow<Value> {
  readonly code: number;
  readonly rfc: number;
  readonly format: OptionFormat<Value>;
}

const row = <Value>(code: number, rfc: number, format: OptionFormat<Value>): OptionRow<Value> => ({
  code,
  rfc,
  format,
});

/** The options that this room reads or writes by name, after the IANA registry. All others are kept as bytes. */
export const optionTable = {
  subnetMask: row(1, 2132, address),
  router: row(3, 2132, addresses),
  domainNameServer: row(6, 2132, addresses),
  hostName: row(12, 2132, text),
  domainName: row(15, 2132, text),
  interfaceMtu: row(26, 2132, number16),
  broadcastAddress: row(28, 2132, address),
  ntpServers: row(42, 2132, addresses),
  vendorSpecific: row(43, 2132, subOptionsOf({ isPadded: true })),
  requestedAddress: row(50, 2132, address),
  leaseTime: row(51, 2132, number32),
  /** 1: `file` holds options, 2: `sname` does, 3: both. Belongs to the form of a message, so a packet never has it. */
  overload: row(52, 2132, octet),
  messageType: row(53, 2132, octet),
  serverIdentifier: row(54, 2132, address),
  parameterRequestList: row(55, 2132, bytes),
  message: row(56, 2132, text),
  /** EDK2 sends it byte-swapped in a REQUEST. */
  maximumMessageSize: row(57, 2132, number16),
  renewalTime: row(58, 2132, number32),
  rebindingTime: row(59, 2132, number32),
  vendorClass: row(60, 2132, text),
  clientIdentifier: row(61, 2132, bytes),
  tftpServerName: row(66, 2132, terminatedText),
  bootFileName: row(67, 2132, terminatedText),
  /** Items with a length before each by the RFC; iPXE sends its name bare. */
  userClass: row(77, 3004, bytes),
  relayAgentInformation: row(82, 3046, subOptionsOf({ isPadded: false })),
  clientArchitecture: row(93, 4578, numbers16),
  /** Type, major, minor. */
  clientNetworkInterface: row(94, 4578, bytes),
  /** A type octet, then a GUID. */
  clientMachineIdentifier: row(97, 4578, bytes),
  subnetSelection: row(118, 3011, address),
  /** iPXE's own encapsulated options (ipxe.org/howto/dhcpd). */
  ipxe: row(175, 3942, subOptionsOf({ isPadded: true })),
} as const;

export type OptionName = keyof typeof optionTable;

type ValueOfRow<Row> = Row extends OptionRow<infer Value> ? Value : never;

/** What an option holds when it is read or written by name. */
export type OptionValue<Name extends OptionName> = ValueOfRow<(typeof optionTable)[Name]>;

const rowOf = <Name extends OptionName>(name: Name) => optionTable[name] as unknown as OptionRow<OptionValue<Name>>;

/** The value of an option by its name; `undefined` when it is absent or not of its format. */
export function optionValue<Name extends OptionName>(
  options: Pick<DhcpOptions, 'get'>,
  name: Name,
): OptionValue<Name> | undefined {
  const { code, format } = rowOf(name);
  const value = options.get(code);
  return value === undefined ? undefined : format.decode(value);
}

/**
 * Code and bytes of an option, to be put into a packet. Most options say the same in each reply: the last value, which is not
 * changed once it was given, is not encoded anew.
 */
export function encodedOption<Name extends OptionName>(
  name: Name,
  value: OptionValue<Name>,
): readonly [code: number, bytes: Uint8Array] {
  const known = lastEncoded.get(name);
  if (known?.value === value) return known.option;
  const { code, format } = rowOf(name);
  const option = [code, format.encode(value)] as const;
  lastEncoded.set(name, { value, option });
  return option;
}

const lastEncoded = new Map<
  OptionName,
  { readonly value: unknown; readonly option: readonly [code: number, bytes: Uint8Array] }
>();
