import { type MacAddress, macOfBytes } from '../../../core/mac-address.ts';
import { type Disk, type Machine, machineIdOf, type TalosObservation } from '../../../core/machine.ts';
import { emptyRack, observe } from '../../../core/rack.ts';
import type { MachineSpec, RackSpec } from '../../../core/rack-spec.ts';
import { parseRackFile } from '../../parse-rack-file.ts';
import type { MachineSubject, RackSubject } from '../check.ts';
import type { MachineProbes, RackProbes } from '../probes.ts';

/** 2026-09-11T10:00:00Z. */
export const now = 1_789_120_800_000;
export const mac = (last: number): MacAddress => macOfBytes(Uint8Array.of(0x52, 0x54, 0, 0, 0, last));
const uuid = (last: number) => `4c4c4544-0042-3510-8052-b4c04f59310${last}`;

const text = `
apiVersion: rackwright.dev/v1alpha1
kind: Rack
name: rack-7
talos: { version: v1.13.9 }
kubernetes: { version: v1.34.1 }
network:
  interface: eth1
  subnet: 10.0.0.0/24
  gateway: 10.0.0.1
  nameservers: [10.0.0.1]
  vip: 10.0.0.10
boot: { uki: { amd64: a.efi } }
machines:
${[1, 2, 3].map((at) => `  - { name: cp-${at}, role: controlplane, mac: '${mac(at)}', address: 10.0.0.1${at}, disk: { serial: S${at} } }`).join('\n')}
  - { name: node-1, role: worker, mac: '${mac(4)}', address: 10.0.0.14, disk: { serial: S4 } }
flux: { manifest: install.yaml, source: { kind: OCIRepository, url: 'oci://r/x', tag: latest } }
`;
export const healthySpec: RackSpec = parseRackFile('rack.yaml', text).spec;

export const disk = (serial: string, more: Partial<Disk> = {}): Disk => ({
  name: 'nvme0n1',
  path: '/dev/nvme0n1',
  sizeBytes: 480_000_000_000n,
  serial,
  transport: 'nvme',
  rotational: false,
  readOnly: false,
  signatures: [],
  ...more,
});

export const observationOf = (at: number, more: Partial<TalosObservation> = {}): TalosObservation => ({
  address: `10.0.0.10${at}`,
  mode: 'maintenance',
  fingerprint: `print-${at}`,
  stage: 'maintenance',
  isReady: true,
  unmetConditions: [],
  version: 'v1.13.9',
  bootMark: '2026-09-11T09:55:00.000000000Z',
  uuid: uuid(at),
  links: [{ name: 'eno1', mac: mac(at), isUp: true, isPhysical: true, speedMbit: 10_000, mtu: 1500 }],
  addresses: [{ link: 'eno1', cidr: `10.0.0.10${at}/24` }],
  disks: [disk(`S${at}`)],
  hardware: {
    processors: [{ cores: 16 }],
    memory: { totalMiB: 65_536, modules: [] },
    firmwareMode: 'uefi',
    secureBoot: false,
  },
  image: { extensions: [] },
  leftovers: [],
  ...more,
});

const probesOfOne: MachineProbes = {
  address: { kind: 'nobody' },
  clock: { kind: 'told', aheadOfUs: 20, roundTrip: 4, server: 'ntp.example', aheadOfServer: 3 },
  packets: { kind: 'through', sizeBytes: 1500 },
  bmc: { kind: 'answers', address: '10.1.0.11', why: 'Redfish 1.15.0' },
};

export const rackOf = (...observations: TalosObservation[]) =>
  observations.reduce((rack, observation) => observe(rack, { kind: 'talos', observation }), emptyRack);

/** The first control plane of a rack in which all is well, with some of it changed. */
export function machineSubject(more: {
  readonly talos?: Partial<TalosObservation>;
  readonly machine?: Partial<Machine>;
  readonly entry?: Partial<MachineSpec>;
  readonly spec?: Partial<RackSpec>;
  readonly probes?: Partial<MachineProbes>;
  readonly others?: readonly TalosObservation[];
  /** It is there, and does not answer. */
  readonly isSilent?: boolean;
}): MachineSubject {
  const [first, ...rest] = healthySpec.machines;
  if (first === undefined) throw new Error('the rack has no machine');
  const entry = { ...first, ...more.entry };
  const spec = { ...healthySpec, machines: [entry, ...rest], ...more.spec };
  const observation = observationOf(1, more.talos);
  const rack = rackOf(observation, ...(more.others ?? [observationOf(2), observationOf(3), observationOf(4)]));
  const found = [...rack.machines.values()].find(({ talos }) => talos === observation);
  const machine: Machine = { id: machineIdOf(mac(1)), macs: [mac(1)], ...found, ...more.machine };
  const { talos: _, ...silent } = machine;
  return {
    spec,
    entry,
    rack,
    machine: more.isSilent === true ? silent : machine,
    ...(more.isSilent === true ? {} : { talos: observation }),
    probes: { ...probesOfOne, ...more.probes },
    now,
  };
}

/** A rack in which all is well, with some of it changed. */
export function rackSubject(more: {
  readonly spec?: (spec: RackSpec) => RackSpec;
  readonly probes?: Partial<RackProbes>;
  readonly observations?: readonly TalosObservation[];
}): RackSubject {
  return {
    spec: (more.spec ?? ((same) => same))(healthySpec),
    rack: rackOf(...(more.observations ?? [1, 2, 3, 4].map((at) => observationOf(at)))),
    probes: {
      vip: { kind: 'nobody' },
      ownClock: { isSynchronized: true, servers: [{ server: 'ntp.example', aheadOfServer: 3, roundTrip: 4 }] },
      gateway: { kind: 'somebody', mac: mac(9) },
      dns: { name: 'ghcr.io', answers: new Map([['10.0.0.1', { kind: 'knows', address: '140.82.0.1' }]]) },
      image: { reference: 'ghcr.io/siderolabs/installer:v1.13.9', answer: { kind: 'there', digest: 'sha256:ab' } },
      roundTrips: new Map([['cp-1', 2]]),
      ...more.probes,
    },
  };
}
