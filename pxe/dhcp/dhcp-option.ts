/**
 * DHCP options that this room reads or writes, under the names of the IANA registry (RFC 2132 unless said). Every other
 * option is kept as bytes.
 */
export const dhcpOption = {
  pad: 0,
  vendorSpecific: 43,
  requestedAddress: 50,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  maximumMessageSize: 57,
  vendorClass: 60,
  clientIdentifier: 61,
  bootFileName: 67,
  /** RFC 3004. */
  userClass: 77,
  /** RFC 3046. */
  relayAgentInformation: 82,
  /** RFC 4578: a list of 16-bit numbers. */
  clientArchitecture: 93,
  /** RFC 4578: a type octet, then a GUID. */
  clientMachineIdentifier: 97,
  /** iPXE's own encapsulated options. */
  ipxe: 175,
  end: 255,
} as const;

/** Values of option 53 (RFC 2132 section 9.6). */
export const dhcpMessage = { discover: 1, offer: 2, request: 3, ack: 5 } as const;

/** Sub-option of option 82 with which a relay asks for replies to the port that it sent from (RFC 8357 section 5.1). */
export const relaySourcePort = 19;
