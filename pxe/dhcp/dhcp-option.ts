import { type OptionName, optionTable } from './option-table.ts';

/** Codes of the options of the table, and of the two that have no value. */
export const dhcpOption: Readonly<Record<OptionName | 'pad' | 'end', number>> = {
  ...(Object.fromEntries(Object.entries(optionTable).map(([name, { code }]) => [name, code])) as Record<
    OptionName,
    number
  >),
  pad: 0,
  end: 255,
};

/** Values of option 53 (RFC 2132 section 9.6). */
export const dhcpMessage = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** Sub-options of option 82. */
export const relayOption = {
  /** The subnet that the client is in, where the relay's own address is in another (RFC 3527). */
  linkSelection: 5,
  /** What the client shall take for its server, so that renewals go through the relay too (RFC 5107). */
  serverIdentifierOverride: 11,
  /** The relay wants the reply at the port that it sent from (RFC 8357 section 5.1). */
  sourcePort: 19,
} as const;
