import { renderIpv4 } from '../../core/ipv4.ts';
import { encodedOption } from '../dhcp/option-table.ts';
import type { LeaseNetwork } from './lease-network.ts';

/** What a client has to know of its network (RFC 2132), with the lease times when it is given an address. */
export function leaseOptions(network: LeaseNetwork, client: string, leaseSeconds: number | undefined) {
  const { options, subnet } = network;
  const mask = subnet.prefixLength === 0 ? 0 : (2 ** 32 - 2 ** (32 - subnet.prefixLength)) >>> 0;
  const hostName = network.reserved.get(client)?.hostName;
  const times =
    leaseSeconds === undefined
      ? []
      : [
          encodedOption('leaseTime', leaseSeconds),
          // RFC 2131 section 4.4.5: half of the lease, and seven eighths.
          encodedOption('renewalTime', Math.floor(leaseSeconds / 2)),
          encodedOption('rebindingTime', Math.floor((leaseSeconds * 7) / 8)),
        ];
  return [
    ...times,
    encodedOption('subnetMask', renderIpv4(mask)),
    ...(options.gateway === undefined ? [] : [encodedOption('router', [options.gateway])]),
    ...(options.nameservers?.length ? [encodedOption('domainNameServer', options.nameservers)] : []),
    ...(hostName === undefined ? [] : [encodedOption('hostName', hostName)]),
    ...(options.domainName === undefined ? [] : [encodedOption('domainName', options.domainName)]),
    encodedOption('broadcastAddress', renderIpv4(subnet.network + 2 ** (32 - subnet.prefixLength) - 1)),
    ...(options.timeServers?.length ? [encodedOption('ntpServers', options.timeServers)] : []),
  ];
}
