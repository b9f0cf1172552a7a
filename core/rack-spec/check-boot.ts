import { isHostOf, parseIpv4, parseIpv4Subnet } from '../ipv4.ts';
import type { RackFileSpec } from '../rack-spec.ts';
import type { Refuse } from './refuse.ts';
import { parseAddressRange } from './text-forms.ts';

/** There is one thing to boot, and whoever gives addresses has some to give. */
export function checkBoot({ boot, network }: RackFileSpec, refuse: Refuse): void {
  const { uki, assets, dhcp, pool, relayedPools } = boot;
  const hasUki = uki.amd64 !== undefined || uki.arm64 !== undefined;
  if (!hasUki && assets === undefined)
    refuse(['boot', 'uki'], 'names no file; allowed: amd64, arm64 or both, or boot.assets instead');
  if (hasUki && assets !== undefined) refuse(['boot', 'assets'], 'stands beside boot.uki; allowed: one of the two');
  const gives = dhcp === 'full' || dhcp === 'firmware';
  if (gives && pool === undefined)
    refuse(
      ['boot', 'dhcp'],
      `${dhcp} gives addresses and boot.pool names none; allowed: a pool such as 10.0.0.100-10.0.0.199`,
    );
  if (!gives && pool !== undefined)
    refuse(
      ['boot', 'pool'],
      `is for boot.dhcp full or firmware, and boot.dhcp is ${dhcp}; allowed: one without the other`,
    );
  if (dhcp !== 'full' && relayedPools.length > 0)
    refuse(['boot', 'relayedPools'], `are for boot.dhcp full, and boot.dhcp is ${dhcp}; allowed: leave them out`);
  if (pool !== undefined) checkRange(['boot', 'pool'], pool, network.subnet, refuse);
  for (const [index, { addresses, subnet, gateway }] of relayedPools.entries()) {
    checkRange(['boot', 'relayedPools', index, 'addresses'], addresses, subnet, refuse);
    const range = parseIpv4Subnet(subnet);
    const value = gateway === undefined ? undefined : parseIpv4(gateway);
    if (range !== undefined && value !== undefined && !isHostOf(range, value))
      refuse(['boot', 'relayedPools', index, 'gateway'], `is no host of ${subnet}; allowed: an address in it`);
  }
}

function checkRange(path: readonly (string | number)[], addresses: string, within: string, refuse: Refuse): void {
  const range = parseAddressRange(addresses);
  const subnet = parseIpv4Subnet(within);
  if (range === undefined || subnet === undefined) return;
  if (!isHostOf(subnet, range.first) || !isHostOf(subnet, range.last))
    refuse(path, `${addresses} leads out of ${within}; allowed: a range inside`);
}
