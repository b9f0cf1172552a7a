import type { NodeConfig } from './node-config.ts';
import type { TalosHost } from './talos-host.ts';

/**
 * The addresses of the node's link under this config. A link that no document configures gets its address by DHCP, as
 * Talos does by default: a LinkConfig for a name that no link has changes nothing.
 */
export function networkOf(config: NodeConfig, { machine, prefixLength }: TalosHost): readonly string[] {
  const configured = config.addresses.filter(({ link }) => link === machine.link).map(({ cidr }) => cidr);
  return configured.length > 0 ? configured : [`${machine.leasedAddress}/${prefixLength}`];
}
