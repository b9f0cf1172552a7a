import { parseIpv4Subnet, renderIpv4 } from '../core/ipv4.ts';
import { type Disk, identityMacs, type Machine, type TalosObservation } from '../core/machine.ts';
import { renderDisk } from './resolve-disk.ts';

export interface Starter {
  readonly name: string;
  /** Talos release that the file is to name. */
  readonly talosVersion: string;
  readonly kubernetesVersion: string;
  /** Interface of this computer towards the machines, when it is known. */
  readonly interfaceName?: string;
  readonly machines: readonly Machine[];
}

/** What only the operator can say. The rack file is refused, with line and path, for as long as it is in it. */
const open = 'CHANGE-ME';

/**
 * A commented rack file for the machines that were seen: what was observed is filled in, what would be a guess is left to
 * the operator and refused until it is filled in. Equal machines give equal text.
 */
export function renderStarter({
  name,
  talosVersion,
  kubernetesVersion,
  interfaceName = open,
  machines,
}: Starter): string {
  const subnet = subnetOf(machines);
  const known = machines.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  // An odd number, and as many as there are machines for.
  const controlPlanes = known.length >= 3 ? 3 : 1;
  const entries = known.flatMap((machine, index) => renderMachine(machine, index, index < controlPlanes));
  return [
    '# Made by `rackwright init`. Whatever says CHANGE-ME, or nothing at all, is for you to fill in;',
    '# `rackwright up rack.yaml --dry-run` says what is still missing, with line and path. `rackwright schema` has every key.',
    'apiVersion: rackwright.dev/v1alpha1',
    'kind: Rack',
    '',
    '# Name of the cluster. Also typed by you before data is lost.',
    `name: ${name}`,
    '',
    'talos:',
    '  # What is installed on disk: a release of v1.11 to v1.14. The UKI below is of the same version.',
    `  version: ${talosVersion}`,
    '',
    'kubernetes:',
    `  version: ${kubernetesVersion}`,
    '',
    'network:',
    '  # The interface of this computer that is plugged into the network of the machines.',
    `  interface: ${interfaceName}`,
    `  # ${subnet === undefined ? 'The network of the machines, such as 10.0.0.0/24.' : 'Seen on the machines.'}`,
    `  subnet: ${subnet ?? open}`,
    '  # Router; leave it out for a network without a way out.',
    '  # gateway: 10.0.0.1',
    '  nameservers: []',
    '  timeServers: []',
    '  # An address in that network that nobody uses: the Kubernetes API answers there.',
    `  vip: ${open}`,
    '',
    'boot:',
    '  uki:',
    '    # The Talos image that machines boot before they are installed, relative to this file.',
    '    amd64: metal-amd64-uki.efi',
    '',
    'cluster:',
    '  # none: Flux installs the pod network. flannel: Talos does.',
    '  cni: none',
    '',
    '# The number of control planes is odd. The address of a machine is the one that it has once it is installed.',
    ...(entries.length === 0
      ? [
          '# No machine was seen yet: let them boot from the network (`rackwright up`) and run `rackwright init` again.',
          'machines: []',
        ]
      : ['machines:', ...entries]),
    '',
    'flux:',
    '  # install.yaml of a Flux release, relative to this file.',
    '  manifest: flux-install.yaml',
    '  source:',
    '    kind: GitRepository',
    `    url: ${open}`,
    '    branch: main',
    '    path: ./',
    '',
  ].join('\n');
}

function renderMachine(machine: Machine, index: number, isControlPlane: boolean): string[] {
  const { macs, uuid, address } = machine;
  const talos = readingOf(machine);
  const mac = (talos === undefined ? macs : identityMacs(talos))[0];
  const { system, memory } = talos?.hardware ?? {};
  const about = [
    ...[system?.vendor, system?.product].filter((word) => word !== undefined),
    ...(system?.serial === undefined ? [] : [`serial ${system.serial}`]),
    ...(memory === undefined ? [] : [`${Math.round(memory.totalMiB / 1024)} GiB`]),
  ].join(' ');
  const disks = talos?.disks.filter(
    ({ readOnly, transport }) => !readOnly && transport !== undefined && transport !== '',
  );
  return [
    ...(about === '' ? [] : [`  # ${comment(about)}`]),
    `  - name: ${isControlPlane ? 'cp' : 'node'}-${index + 1}`,
    `    role: ${isControlPlane ? 'controlplane' : 'worker'}`,
    ...(mac === undefined ? [] : [`    mac: ${mac}`]),
    ...(uuid === undefined ? [] : [`    # uuid: ${comment(uuid)}`]),
    `    address: ${address ?? open}`,
    ...renderDisks(disks),
  ];
}

/** Hardware changes rarely: what was read when it was up is good enough to write down. */
const readingOf = ({ talos, lastReading }: Machine): TalosObservation | undefined => talos ?? lastReading?.observation;

/** Which disk is lost is never guessed: with one there is nothing to choose. */
function renderDisks(disks: readonly Disk[] | undefined): string[] {
  const [only, ...others] = disks ?? [];
  const own = only !== undefined && others.length === 0 ? nameOf(only) : undefined;
  const listed = (disks ?? []).map((disk) => `    #   ${comment(renderDisk(disk))}`);
  const intro =
    disks === undefined
      ? '    # Its disks were not read yet.'
      : own === undefined
        ? '    # The one disk that Talos goes on; everything on it is lost. Name one of these:'
        : '    # Its only disk; everything on it is lost:';
  return [intro, ...listed, `    disk: { ${own ?? 'serial: '} }`];
}

const nameOf = ({ serial, wwid }: Disk): string | undefined =>
  serial !== undefined
    ? `serial: ${JSON.stringify(serial)}`
    : wwid !== undefined
      ? `wwid: ${JSON.stringify(wwid)}`
      : undefined;

/** What a machine says of itself must not end the comment that it stands in. */
const comment = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');

/** The one network that the machines have their addresses in; `undefined` when there is none or more than one. */
function subnetOf(machines: readonly Machine[]): string | undefined {
  const networks = new Set(
    machines.map(readingOf).flatMap((talos) =>
      (talos?.addresses ?? []).flatMap(({ cidr }) => {
        const subnet = cidr.split('/')[0] === talos?.address ? parseIpv4Subnet(cidr) : undefined;
        return subnet === undefined ? [] : [`${renderIpv4(subnet.network)}/${subnet.prefixLength}`];
      }),
    ),
  );
  const [only, ...others] = networks;
  return others.length === 0 ? only : undefined;
}
