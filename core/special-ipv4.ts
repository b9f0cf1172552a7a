import { type Ipv4Subnet, parseIpv4Subnet } from './ipv4.ts';

/** Private (RFC 1918), shared (RFC 6598), link-local (RFC 3927) and loopback addresses: nobody else's machines are there. */
const own: readonly Ipv4Subnet[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
].flatMap((text) => parseIpv4Subnet(text) ?? []);

/** Whether all addresses of a subnet are of networks that are not routed on the Internet. */
export const isPrivateSubnet = ({ network, prefixLength }: Ipv4Subnet): boolean =>
  own.some((range) => {
    const size = 2 ** (32 - range.prefixLength);
    return prefixLength >= range.prefixLength && network >= range.network && network < range.network + size;
  });
