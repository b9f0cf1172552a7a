import { parseIpv4Subnet } from '../core/ipv4.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';

const apiVersion = 'v1alpha1';

/** The name of the machine. `auto` has to be off beside it: Talos' default would be a conflict. */
export const hostnameConfig = ({ name }: MachineSpec) => ({
  apiVersion,
  kind: 'HostnameConfig',
  auto: 'off',
  hostname: name,
});

/** The machine's own address on its one link. Without it Talos would ask DHCP there. */
export const linkConfig = ({ network }: RackSpec, { address }: MachineSpec, link: string) => ({
  apiVersion,
  kind: 'LinkConfig',
  name: link,
  up: true,
  addresses: [{ address: `${address}/${parseIpv4Subnet(network.subnet)?.prefixLength ?? 32}` }],
  // A route without a destination is the default route.
  ...(network.gateway === undefined ? {} : { routes: [{ gateway: network.gateway }] }),
});

export const resolverConfig = ({ network }: RackSpec) => ({
  apiVersion,
  kind: 'ResolverConfig',
  nameservers: network.nameservers.map((address) => ({ address })),
});

/** Without time servers in the rack file Talos asks one in the internet; a rack without internet must still boot. */
export const timeSyncConfig = ({ network: { timeServers } }: RackSpec) => ({
  apiVersion,
  kind: 'TimeSyncConfig',
  enabled: true,
  ...(timeServers.length === 0 ? { bootTimeout: '2m0s' } : { ntp: { servers: timeServers } }),
});

/** The shared address of the Kubernetes API: control planes elect its holder through etcd. */
export const layer2VipConfig = ({ network }: RackSpec, link: string) => ({
  apiVersion,
  kind: 'Layer2VIPConfig',
  name: network.vip,
  link,
});
