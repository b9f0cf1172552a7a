import { isHostOf, parseIpv4, parseIpv4Subnet, subnetContains, subnetsOverlap } from './ipv4.ts';
import { minorOf, type RackSpec, rackShape, supportedKubernetesMinors, supportedTalosMinors } from './rack-spec.ts';

type Refuse = (path: (string | number)[], message: string) => void;

/** The rack file with what its keys say together: versions that fit, addresses in their subnet, nothing used twice. */
export const rackSpecSchema = rackShape.superRefine((spec, context) => {
  const refuse: Refuse = (path, message) => {
    context.addIssue({ code: 'custom', path, message });
  };
  checkVersions(spec, refuse);
  checkSubnet(spec, refuse);
  checkOverlaps(spec, refuse);
  checkPorts(spec, refuse);
  checkUniqueness(spec, refuse);
  checkControlPlane(spec, refuse);
  if (spec.boot.uki.amd64 === undefined && spec.boot.uki.arm64 === undefined) {
    refuse(['boot', 'uki'], 'names no file; allowed: amd64, arm64 or both');
  }
});

function checkVersions({ talos, kubernetes }: RackSpec, refuse: Refuse): void {
  const talosMinor = supportedTalosMinors.find((minor) => minor === minorOf(talos.version));
  if (talosMinor === undefined) {
    const allowed = supportedTalosMinors.map((minor) => `${minor}.x`).join(', ');
    refuse(['talos', 'version'], `${talos.version} is not supported; allowed: ${allowed}`);
    return;
  }
  const [oldest, newest] = supportedKubernetesMinors[talosMinor];
  const [major, minor] = kubernetes.version.slice(1).split('.').map(Number);
  if (major !== 1 || minor === undefined || minor < oldest || minor > newest) {
    const allowed = `v1.${oldest}.x to v1.${newest}.x`;
    refuse(
      ['kubernetes', 'version'],
      `${kubernetes.version} does not run on Talos ${talos.version}; allowed: ${allowed}`,
    );
  }
}

function checkSubnet({ network, machines }: RackSpec, refuse: Refuse): void {
  const subnet = parseIpv4Subnet(network.subnet);
  const check = (path: (string | number)[], address: string | undefined) => {
    const value = address === undefined ? undefined : parseIpv4(address);
    if (subnet === undefined || value === undefined || isHostOf(subnet, value)) return;
    const what = subnetContains(subnet, value) ? 'is no host of' : 'is outside';
    refuse(path, `${String(address)} ${what} network.subnet; allowed: an address in ${network.subnet}`);
  };
  check(['network', 'vip'], network.vip);
  check(['network', 'gateway'], network.gateway);
  for (const [index, machine] of machines.entries()) check(['machines', index, 'address'], machine.address);
}

/** Nodes, pods and services must be told apart by their addresses. */
function checkOverlaps({ network, cluster }: RackSpec, refuse: Refuse): void {
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

function checkPorts({ boot: { ports } }: RackSpec, refuse: Refuse): void {
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

function checkUniqueness({ network, machines }: RackSpec, refuse: Refuse): void {
  const first = new Map<string, string>();
  const claim = (what: string, value: string | undefined, path: (string | number)[]) => {
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
    claim('serial', machine.disk.serial, ['machines', index, 'disk', 'serial']);
    claim('wwid', machine.disk.wwid, ['machines', index, 'disk', 'wwid']);
  }
}

function checkControlPlane({ machines }: RackSpec, refuse: Refuse): void {
  const count = machines.filter((machine) => machine.role === 'controlplane').length;
  if (count % 2 === 0) {
    refuse(['machines'], `has ${count} control planes; allowed: an odd number, so that etcd keeps a majority`);
  }
}

/** A path into the rack file as an operator writes it: `machines[2].address`. */
export function renderPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`),
    '',
  );
}
