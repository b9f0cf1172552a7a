import { parseIpv4, parseIpv4Subnet, subnetContains } from '../ipv4.ts';
import type { RackFileSpec } from '../rack-spec.ts';
import type { MachineNetwork } from './machine-network.ts';
import type { Refuse } from './refuse.ts';
import { classOf } from './resolve-classes.ts';

/** Each machine has a class that is there, and with it a role and an install disk; each choosing class has them too. */
export function checkClasses(spec: RackFileSpec, refuse: Refuse): void {
  const { machines, classes = {} } = spec;
  const names = Object.keys(classes);
  for (const [index, entry] of machines.entries()) {
    const path = ['machines', index];
    const of = classOf(spec, entry);
    if (entry.class !== undefined && of === undefined) {
      const allowed = names.length === 0 ? 'there are no classes' : `allowed: ${names.join(', ')}`;
      refuse([...path, 'class'], `there is no class ${entry.class}; ${allowed}`);
      continue;
    }
    const what = of === undefined ? '' : ` in it or in its class ${String(entry.class)}`;
    if (entry.role === undefined && of?.role === undefined)
      refuse([...path, 'role'], `is missing${what}; allowed: controlplane, worker`);
    if (entry.role !== undefined && of?.role !== undefined && entry.role !== of.role) {
      refuse([...path, 'role'], `is ${entry.role}, but its class ${String(entry.class)} is for a ${of.role}`);
    }
    if (entry.disk === undefined && of?.disk === undefined)
      refuse([...path, 'disk'], `is missing${what}; allowed: a selector that fits exactly one disk`);
  }
  for (const [name, of] of Object.entries(classes)) {
    if (of.selector === undefined) continue;
    const path = ['classes', name];
    if (of.role === undefined) refuse([...path, 'role'], 'is missing; a class with a selector needs one');
    if (of.disk === undefined) refuse([...path, 'disk'], 'is missing; a class with a selector needs one');
    if (of.addresses === undefined && of.network?.dhcp !== true) {
      refuse([...path, 'addresses'], 'is missing; allowed: a range of addresses, or network.dhcp: true');
    }
  }
  if (machines.length === 0 && Object.values(classes).every(({ selector }) => selector === undefined)) {
    refuse(['machines'], 'names no machine, and no class has a selector; allowed: at least one of the two');
  }
}

export function checkControlPlane(spec: RackFileSpec, refuse: Refuse): void {
  const named = spec.machines.filter((entry) => (entry.role ?? classOf(spec, entry)?.role) === 'controlplane').length;
  const chosen = Object.values(spec.classes ?? {}).reduce(
    (sum, { role, count = 0 }) => sum + (role === 'controlplane' ? count : 0),
    0,
  );
  const count = named + chosen;
  if (count % 2 === 0) {
    refuse(['machines'], `has ${count} control planes; allowed: an odd number, so that etcd keeps a majority`);
  }
}

/** What the keys of a machine's network say together, where they stand. */
export function checkNetworks({ machines, classes = {} }: RackFileSpec, refuse: Refuse): void {
  for (const [index, { network }] of machines.entries())
    if (network !== undefined) checkNetwork(network, ['machines', index, 'network'], refuse);
  for (const [name, { network, selector }] of Object.entries(classes)) {
    if (network === undefined) continue;
    const path = ['classes', name, 'network'];
    checkNetwork(network, path, refuse);
    // One address for all machines of a class would be used twice.
    for (const key of ['vlans', 'links'] as const) {
      for (const [at, one] of (network[key] ?? []).entries()) {
        if (one.address === undefined) continue;
        refuse([...path, key, at, 'address'], 'would be that of every machine of the class; allowed: dhcp, or neither');
      }
    }
    if (selector === undefined) continue;
    const withMac = network.bond?.members.findIndex((member) => member.mac !== undefined) ?? -1;
    if (withMac >= 0)
      refuse([...path, 'bond', 'members', withMac, 'mac'], 'would fit one machine of the class; allowed: name, driver');
  }
}

function checkNetwork(network: MachineNetwork, path: readonly (string | number)[], refuse: Refuse): void {
  const { bond, vlan, vlans = [], links = [], mtu } = network;
  if (bond !== undefined && bond.mode !== '802.3ad' && bond.lacpRate !== undefined)
    refuse([...path, 'bond', 'lacpRate'], `has no meaning with ${bond.mode}; allowed: only with 802.3ad`);
  const ids = new Set(vlan === undefined ? [] : [vlan]);
  for (const [at, one] of vlans.entries()) {
    if (ids.has(one.id)) refuse([...path, 'vlans', at, 'id'], `${one.id} is there twice; allowed: another number`);
    ids.add(one.id);
    if (mtu !== undefined && (one.mtu ?? 0) > mtu)
      refuse([...path, 'vlans', at, 'mtu'], `is above the ${mtu} of the link below it; allowed: at most as much`);
  }
  for (const [key, list] of [
    ['vlans', vlans],
    ['links', links],
  ] as const) {
    for (const [at, { address, dhcp, routes = [] }] of list.entries()) {
      const here = [...path, key, at];
      if (address !== undefined && dhcp === true)
        refuse([...here, 'address'], 'stands beside dhcp: true; allowed: one of them');
      const subnet = address === undefined ? undefined : parseIpv4Subnet(address);
      for (const [index, { via }] of routes.entries()) {
        const router = parseIpv4(via);
        if (subnet === undefined || router === undefined || subnetContains(subnet, router)) continue;
        refuse([...here, 'routes', index, 'via'], `${via} is outside of ${String(address)}, so that nobody reaches it`);
      }
    }
  }
}

/** A node whose address is in none of the subnets would never get one. */
export function checkNodeSubnets(spec: RackFileSpec, refuse: Refuse): void {
  for (const key of ['kubeletSubnets', 'etcdSubnets'] as const) {
    const subnets = (spec.cluster[key] ?? []).flatMap((text) => parseIpv4Subnet(text) ?? []);
    if (subnets.length === 0) continue;
    const without = spec.machines.find((entry) => {
      const role = entry.role ?? classOf(spec, entry)?.role;
      if (key === 'etcdSubnets' && role !== 'controlplane') return false;
      const network = { ...classOf(spec, entry)?.network, ...entry.network };
      const others = [...(network.vlans ?? []), ...(network.links ?? [])];
      // What DHCP gives is not known here.
      if (others.some(({ dhcp }) => dhcp === true)) return false;
      const own = [entry.address, ...others.flatMap(({ address }) => address?.split('/')[0] ?? [])];
      return !own.some((address) => {
        const value = parseIpv4(address);
        return value !== undefined && subnets.some((subnet) => subnetContains(subnet, value));
      });
    });
    if (without !== undefined)
      refuse(['cluster', key], `holds no address of ${without.name}; allowed: subnets that every machine is in`);
  }
}
