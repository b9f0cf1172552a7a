import type { NodeConfig } from './node-config.ts';
import type { TalosHost } from './talos-host.ts';

/**
 * The addresses of the node's link under this config. None: it gets its address by DHCP, as Talos does by default with a
 * link that no document configures; a LinkConfig for a name that no link has changes nothing.
 */
export const networkOf = (config: NodeConfig, { machine }: Pick<TalosHost, 'machine'>): readonly string[] =>
  config.addresses.filter(({ link }) => link === machine.link).map(({ cidr }) => cidr);
