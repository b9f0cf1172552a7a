import { isHostOf, parseIpv4, parseIpv4Subnet, subnetContains, subnetsOverlap } from '../ipv4.ts';
import type { RackFileSpec } from '../rack-spec.ts';
import { type Refuse, renderPath } from './refuse.ts';
import { parseAddressRange } from './text-forms.ts';

type Path = readonly (string | number)[];

/** Every address is a host of the machines' network. */
export function checkSubnet({ network, machines, classes = {} }: RackFileSpec, refuse: Refuse): void {
  const subnet = parseIpv4Subnet(network.subnet);
  const check = (path: Path, text: string | undefined, value = text === undefined ? undefined : parseIpv4(text)) => {
    if (subnet === undefined || value === undefined || isHostOf(subnet, value)) return;
    const what = subnetContains(subnet, value) ? 'is no host of' : 'is outside';
    refuse(path, `${String(text)} ${what} network.subnet; allowed: an address in ${network.subnet}`);
  };
  check(['network', 'vip'], network.vip);
  check(['network', 'gateway'], network.gateway);
  for (const [index, machine] of machines.entries()) check(['machines', index, 'address'], machine.address);
  for (const [name, { addresses }] of Object.entries(classes)) {
    const range = addresses === undefined ? undefined : parseAddressRange(addresses);
    const [first, last] = (addresses ?? '').split('-').map((part) => part.trim());
    check(['classes', name, 'addresses'], first, range?.first);
    check(['classes', name, 'addresses'], last, range?.last);
  }
}

/** Nodes, pods and services must be told apart by their addresses. */
export function checkOverlaps({ network, cluster }: RackFileSpec, refuse: Refuse): void {
  const named = [
    { path: ['network', 'subnet'], text: network.subnet },
    { path: ['cluster', 'podSubnet'], text: cluster.podSubnet },
    { path: ['cluster', 'serviceSubnet'], text: cluster.serviceSubnet },
  ];
  for (const [index, { path, text }] of named.entries()) {
    for (const other of named.slice(0, index)) {
      const [mine, theirs] = [parseIpv4Subnet(text), parseIpv4Subnet(other.text)];
      if (mine === undefined || theirs === undefined || !subnetsOverlap(mine, theirs)) continue;
      refuse(path, `${text} overlaps ${renderPath(other.path)} ${other.text}; allowed: a subnet apart from it`);
    }
  }
}

export function checkPorts({ boot: { ports } }: RackFileSpec, refuse: Refuse): void {
  const udp = [
    ['dhcp', ports.dhcp],
    ['proxyDhcp', ports.proxyDhcp],
    ['tftp', ports.tftp],
  ] as const;
  for (const [index, [name, port]] of udp.entries()) {
    const other = udp.slice(0, index).find(([, taken]) => taken === port);
    if (other !== undefined)
      refuse(['boot', 'ports', name], `${port} is boot.ports.${other[0]} too; allowed: another port`);
  }
}

/** Names, identities, addresses and disks are used once; the addresses of a class are nobody else's. */
export function checkUniqueness({ network, machines, classes = {} }: RackFileSpec, refuse: Refuse): void {
  const first = new Map<string, string>();
  const claim = (what: string, value: string | undefined, path: Path) => {
    if (value === undefined) return;
    const earlier = first.get(`${what} ${value}`);
    if (earlier === undefined) first.set(`${what} ${value}`, renderPath(path));
    else refuse(path, `${value} is used twice; the first is ${earlier}`);
  };
  claim('address', network.vip, ['network', 'vip']);
  claim('address', network.gateway, ['network', 'gateway']);
  for (const [index, machine] of machines.entries()) {
    claim('name', machine.name, ['machines', index, 'name']);
    claim('uuid', machine.uuid, ['machines', index, 'uuid']);
    claim('mac', machine.mac, ['machines', index, 'mac']);
    claim('address', machine.address, ['machines', index, 'address']);
    claim('address', machine.bmc?.address, ['machines', index, 'bmc', 'address']);
    claim('serial', machine.disk?.serial, ['machines', index, 'disk', 'serial']);
    claim('wwid', machine.disk?.wwid, ['machines', index, 'disk', 'wwid']);
    for (const [at, vlan] of (machine.network?.vlans ?? []).entries())
      claim('address', vlan.address?.split('/')[0], ['machines', index, 'network', 'vlans', at, 'address']);
    for (const [at, link] of (machine.network?.links ?? []).entries())
      claim('address', link.address?.split('/')[0], ['machines', index, 'network', 'links', at, 'address']);
  }
  const taken = [...first].flatMap(([key, path]) => {
    const value = key.startsWith('address ') ? parseIpv4(key.slice('address '.length)) : undefined;
    return value === undefined ? [] : [{ path, value }];
  });
  const ranges: { name: string; first: number; last: number }[] = [];
  for (const [name, { addresses, count = 0 }] of Object.entries(classes)) {
    const range = addresses === undefined ? undefined : parseAddressRange(addresses);
    if (range === undefined) continue;
    const path = ['classes', name, 'addresses'];
    const size = range.last - range.first + 1;
    if (size < count) refuse(path, `holds ${size} addresses for ${count} machines; allowed: at least as many`);
    for (const { path: where, value } of taken) {
      if (value >= range.first && value <= range.last)
        refuse(path, `holds the address of ${where}; allowed: a range without it`);
    }
    const other = ranges.find((one) => range.first <= one.last && one.first <= range.last);
    if (other !== undefined) refuse(path, `overlaps the addresses of the class ${other.name}`);
    ranges.push({ name, ...range });
  }
}
