/** An IPv4 subnet in CIDR notation, with the host bits of `address` kept. */
export interface Ipv4Subnet {
  readonly network: number;
  readonly prefixLength: number;
}

/** The address as an unsigned 32-bit number; `undefined` when it is not a dotted quad. */
export function parseIpv4(text: string): number | undefined {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === dot) {
      if (digits === 0) return undefined;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots += 1;
    } else {
      const digit = code - zero;
      const hasLeadingZero = digits > 0 && octet === 0;
      if (digit < 0 || digit > 9 || hasLeadingZero) return undefined;
      octet = octet * 10 + digit;
      digits += 1;
      if (octet > 255) return undefined;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : undefined;
}

const dot = 0x2e;
const zero = 0x30;

/** An address from its number, as a dotted quad: the inverse of parseIpv4. */
export const renderIpv4 = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;

/** The subnet that a text such as `10.0.0.0/24` names; `undefined` when it names none. */
export function parseIpv4Subnet(text: string): Ipv4Subnet | undefined {
  const [address, prefix, ...rest] = text.split('/');
  const value = address === undefined ? undefined : parseIpv4(address);
  if (value === undefined || prefix === undefined || rest.length > 0 || !/^\d{1,2}$/.test(prefix)) return undefined;
  const prefixLength = Number(prefix);
  if (prefixLength > 32) return undefined;
  return { network: networkOf(value, prefixLength), prefixLength };
}

/** Whether the two have an address in common. */
export function subnetsOverlap(a: Ipv4Subnet, b: Ipv4Subnet): boolean {
  const wider = a.prefixLength <= b.prefixLength ? a : b;
  return subnetContains(wider, (wider === a ? b : a).network);
}

/** Whether an address names one host of the subnet: neither its first, the network, nor its last, the broadcast address. */
export function isHostOf(subnet: Ipv4Subnet, address: number): boolean {
  if (!subnetContains(subnet, address)) return false;
  const size = 2 ** (32 - subnet.prefixLength);
  return size <= 2 || (address !== subnet.network && address !== subnet.network + size - 1);
}

export function subnetContains(subnet: Ipv4Subnet, address: number): boolean {
  return networkOf(address, subnet.prefixLength) === subnet.network;
}

const networkOf = (address: number, prefixLength: number): number => {
  const size = 2 ** (32 - prefixLength);
  return Math.floor(address / size) * size;
};
