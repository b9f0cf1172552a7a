import { parseMac } from '../../core/mac-address.ts';
import type { BootServerPlace, MachineScenario, RackScenario } from '../lab/scenario.ts';

/** A rack of any size on the loopback network 127.106.0.0/16: three control planes, or one, and the rest workers. */
export interface LargeRack {
  readonly scenario: RackScenario;
  /** Its rack file. */
  readonly rackFile: object;
}

export interface LargeRackOptions {
  readonly machines: number;
  readonly speed: number;
  readonly bootServer: BootServerPlace;
  readonly httpPort: number;
  readonly ukiPath: string;
  readonly fluxManifestPath: string;
}

const network = '127.106';
const gigabyte = 10n ** 9n;
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
/** 200 hosts of each /24, so that the addresses of 1,000 machines look like those of a few racks. */
const addressIn = (first: number, index: number) =>
  `${network}.${first + Math.floor(index / 200)}.${20 + (index % 200)}`;
const nameOf = (index: number) => `m-${String(index + 1).padStart(4, '0')}`;
const macTextOf = (index: number) => `3c:ec:ef:10:${hex(index >> 8, 2)}:${hex(index & 255, 2)}`;
const serialOf = (index: number) => `S64HNE0T${String(600_000 + index)}`;

/** Every tenth machine boots over TFTP, the others over HTTP. */
function machineOf(index: number): MachineScenario {
  const mac = parseMac(macTextOf(index));
  if (mac === undefined) throw new RangeError(`${macTextOf(index)} is not a MAC address`);
  const disk = (name: string, serial: string, sizeBytes: bigint) => ({
    name,
    path: `/dev/${name}`,
    serial,
    model: 'SAMSUNG MZ1L2480HCHR-00A07',
    sizeBytes,
    transport: 'nvme',
    rotational: false,
    signatures: [],
  });
  return {
    name: nameOf(index),
    mac,
    uuid: `3cecef10-0001-4c10-8000-${hex(index, 12)}`,
    leasedAddress: addressIn(100, index),
    link: 'enp1s0f0',
    disks: [
      disk('nvme0n1', serialOf(index), 480n * gigabyte),
      disk('nvme1n1', `${serialOf(index)}D`, 3_840n * gigabyte),
    ],
    firmware: index % 10 === 9 ? { transport: 'tftp', architecture: 7 } : { transport: 'http', architecture: 16 },
    talosVersion: 'v1.13.9',
    faults: [],
  };
}

export function largeRack({ machines, speed, bootServer, httpPort, ...paths }: LargeRackOptions): LargeRack {
  const indexes = Array.from({ length: machines }, (_, index) => index);
  const controlPlanes = machines < 3 ? 1 : 3;
  const { dhcpPort: dhcp, proxyDhcpPort: proxyDhcp, tftpPort: tftp } = bootServer;
  return {
    scenario: {
      machines: indexes.map(machineOf),
      bootServer,
      lan: { dhcpServer: `${network}.0.1`, prefixLength: 16 },
      speed,
      seed: machines,
      fluxBringsPodNetwork: true,
    },
    rackFile: {
      apiVersion: 'rackwright.dev/v1alpha1',
      kind: 'Rack',
      name: 'large',
      talos: { version: 'v1.13.9' },
      kubernetes: { version: 'v1.34.1' },
      network: { interface: 'lo', subnet: '127.0.0.0/8', vip: `${network}.0.10` },
      boot: { uki: { amd64: paths.ukiPath }, ports: { dhcp, proxyDhcp, tftp, http: httpPort } },
      cluster: { cni: 'none' },
      machines: indexes.map((index) => ({
        name: nameOf(index),
        role: index < controlPlanes ? 'controlplane' : 'worker',
        ...(index % 2 === 0 ? { uuid: machineOf(index).uuid } : { mac: macTextOf(index) }),
        address: addressIn(10, index),
        disk: { serial: serialOf(index) },
      })),
      flux: {
        manifest: paths.fluxManifestPath,
        source: {
          kind: 'OCIRepository',
          url: 'oci://registry.example/platform/large',
          tag: 'latest',
          path: './clusters/large',
        },
      },
    },
  };
}
