import { type Ipv4Subnet, parseIpv4, parseIpv4Subnet, subnetContains } from './ipv4.ts';
import { minorOf, type RackSpec, rackShape, supportedKubernetesMinors, supportedTalosMinors } from './rack-spec.ts';

/** The rack file with what its keys say together: versions that fit, addresses in their subnet, nothing used twice. */
export const rackSpecSchema = rackShape.superRefine(checkRackSpec);

interface Issues {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string; input?: unknown }): void;
}

function checkRackSpec(spec: RackSpec, context: Issues): void {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });

  const talosMinor = supportedTalosMinors.find((minor) => minor === minorOf(spec.talos.version));
  if (talosMinor === undefined) {
    refuse(
      ['talos', 'version'],
      `${spec.talos.version} is not supported; allowed: ${supportedTalosMinors.map((minor) => `${minor}.x`).join(', ')}`,
    );
  } else {
    const [oldest, newest] = supportedKubernetesMinors[talosMinor];
    const [major, minor] = spec.kubernetes.version.slice(1).split('.').map(Number);
    if (major !== 1 || minor === undefined || minor < oldest || minor > newest) {
      refuse(
        ['kubernetes', 'version'],
        `${spec.kubernetes.version} does not run on Talos ${spec.talos.version}; allowed: v1.${oldest}.x to v1.${newest}.x`,
      );
    }
  }

  const nodes = parseIpv4Subnet(spec.network.subnet);
  const inSubnet = (address: string) => nodes !== undefined && subnetHolds(nodes, address);
  if (!inSubnet(spec.network.vip))
    refuse(
      ['network', 'vip'],
      `${spec.network.vip} is outside network.subnet; allowed: an address in ${spec.network.subnet}`,
    );
  if (spec.network.gateway !== undefined && !inSubnet(spec.network.gateway)) {
    refuse(
      ['network', 'gateway'],
      `${spec.network.gateway} is outside network.subnet; allowed: an address in ${spec.network.subnet}`,
    );
  }
  if (spec.boot.uki.amd64 === undefined && spec.boot.uki.arm64 === undefined) {
    refuse(['boot', 'uki'], 'names no file; allowed: amd64, arm64 or both');
  }

  const taken = new Map<string, string>([[spec.network.vip, 'network.vip']]);
  if (spec.network.gateway !== undefined) taken.set(spec.network.gateway, 'network.gateway');
  const seen = {
    name: new Map<string, string>(),
    uuid: new Map<string, string>(),
    mac: new Map<string, string>(),
    serial: new Map<string, string>(),
  };
  spec.machines.forEach((machine, index) => {
    const at = `machines[${index}]`;
    const unique = (known: Map<string, string>, value: string | undefined, path: string[]) => {
      if (value === undefined) return;
      const first = known.get(value);
      if (first === undefined) known.set(value, `${at}.${path.join('.')}`);
      else refuse(['machines', index, ...path], `${value} is used twice; the first is ${first}`);
    };
    unique(seen.name, machine.name, ['name']);
    unique(seen.uuid, machine.uuid, ['uuid']);
    unique(seen.mac, machine.mac, ['mac']);
    unique(seen.serial, machine.disk.serial, ['disk', 'serial']);
    unique(taken, machine.address, ['address']);
    if (!inSubnet(machine.address))
      refuse(
        ['machines', index, 'address'],
        `${machine.address} is outside network.subnet; allowed: an address in ${spec.network.subnet}`,
      );
  });

  const controlPlanes = spec.machines.filter((machine) => machine.role === 'controlplane').length;
  if (controlPlanes % 2 === 0) {
    refuse(['machines'], `has ${controlPlanes} control planes; allowed: an odd number, so that etcd keeps a majority`);
  }
}

function subnetHolds(subnet: Ipv4Subnet, address: string): boolean {
  const value = parseIpv4(address);
  return value !== undefined && subnetContains(subnet, value);
}
