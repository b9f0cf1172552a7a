import type { RackSpec } from '../core/rack-spec.ts';

/**
 * Addresses that no pool gives out, also where it covers them: the VIP, those of management controllers, and beside another
 * server those of all machines, since nothing is reserved there and one that is off does not answer a probe.
 */
export const withheldAddresses = ({
  boot,
  network,
  machines,
}: Pick<RackSpec, 'boot' | 'network' | 'machines'>): readonly string[] => [
  network.vip,
  ...machines.flatMap(({ address, bmc }) => [
    ...(boot.dhcp === 'firmware' ? [address] : []),
    ...(bmc === undefined ? [] : [bmc.address]),
  ]),
];
