import { parseIpv4Subnet } from '../core/ipv4.ts';
import type { BondSpec, MachineSpec, RackSpec } from '../core/rack-spec.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';

/** One link of a machine as its config is to make it. */
export interface PlannedLink {
  readonly kind: 'physical' | 'bond' | 'vlan';
  readonly name: string;
  readonly mtu?: number | undefined;
  readonly dhcp: boolean;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** One without `to` is the default route. */
  readonly routes: readonly { readonly to?: string; readonly via: string }[];
  /** The shared address that it may carry. */
  readonly vip?: string;
  readonly bond?: BondSpec & { readonly ports: readonly string[] };
  readonly vlan?: { readonly id: number; readonly parent: string };
}

/**
 * The links of a machine: the one that carries its address first or, below a VLAN, second; then further VLANs on the same
 * port or bond, then further ports.
 */
export function planLinks({ spec, machine, link, members = [], ports = [] }: MachineConfigRequest): PlannedLink[] {
  const { dhcp = false, mtu, bond, vlan, vlans = [], links = [] } = machine.network ?? {};
  const { gateway, vip } = spec.network;
  const address = {
    dhcp,
    addresses: dhcp ? [] : [machineAddress(spec, machine)],
    routes: dhcp || gateway === undefined ? [] : [{ via: gateway }],
    ...(machine.role === 'controlplane' ? { vip } : {}),
  };
  const base = {
    mtu,
    ...(bond === undefined
      ? { kind: 'physical' as const, name: link }
      : { kind: 'bond' as const, name: bond.name, bond: { ...bond, ports: members } }),
  };
  const onBase = (id: number) => ({
    kind: 'vlan' as const,
    name: vlanName(base.name, id),
    vlan: { id, parent: base.name },
  });
  return [
    ...(vlan === undefined
      ? [{ ...base, ...address }]
      : [
          { ...base, ...withoutAddress },
          { ...onBase(vlan), mtu, ...address },
        ]),
    ...vlans.map(({ id, ...rest }) => ({ ...onBase(id), ...ownAddress(rest) })),
    ...links.map((rest, at) => ({ kind: 'physical' as const, name: ports[at] ?? '', ...ownAddress(rest) })),
  ];
}

const withoutAddress = { dhcp: false, addresses: [], routes: [] };

interface OwnAddress {
  readonly address?: string | undefined;
  readonly dhcp?: boolean | undefined;
  readonly mtu?: number | undefined;
  readonly routes?: readonly { readonly to: string; readonly via: string }[] | undefined;
}

const ownAddress = ({ address, dhcp = false, mtu, routes = [] }: OwnAddress) => ({
  mtu,
  dhcp,
  addresses: address === undefined ? [] : [address],
  routes,
});

const longestName = 15;

/** `bond0.20`, or `vlan20` where the kernel has no room for the former. */
function vlanName(parent: string, id: number): string {
  const name = `${parent}.${id}`;
  return name.length > longestName ? `vlan${id}` : name;
}

const machineAddress = ({ network }: RackSpec, { address }: MachineSpec) =>
  `${address}/${parseIpv4Subnet(network.subnet)?.prefixLength ?? 32}`;
