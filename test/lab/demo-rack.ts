import { parseMac } from '../../core/mac-address.ts';
import type { BootServerPlace, DiskScenario, MachineFault, MachineScenario, RackScenario } from './scenario.ts';

export interface DemoOptions {
  readonly bootServer: BootServerPlace;
  /** 1 when left out. */
  readonly speed?: number;
  readonly seed?: number;
  /** v1.13.9 when left out. */
  readonly talosVersion?: string;
  /** By the name of the machine. */
  readonly faults?: Readonly<Record<string, readonly MachineFault[]>>;
}

/** A machine of the demo's rack file, as `demoScenario` builds it and `renderDemoRackFile` describes it. */
export interface DemoMachine {
  readonly name: string;
  readonly role: 'controlplane' | 'worker';
  readonly mac: string;
  readonly uuid: string;
  readonly leasedAddress: string;
  readonly address: string;
  readonly transport: 'http' | 'tftp';
  readonly disks: readonly DiskScenario[];
  /** How the rack file picks the one disk that Talos is installed on. */
  readonly selector: Readonly<Record<string, string | number>>;
}

const gigabyte = 10n ** 9n;

const bootNvme = (serial: string, wwid: string, signatures: DiskScenario['signatures'] = []): DiskScenario => ({
  name: 'nvme0n1',
  path: '/dev/nvme0n1',
  serial,
  wwid,
  model: 'SAMSUNG MZ1L2480HCHR-00A07',
  sizeBytes: 480n * gigabyte,
  transport: 'nvme',
  rotational: false,
  signatures,
});

const dataNvme = (index: number, serial: string, signatures: DiskScenario['signatures'] = []): DiskScenario => ({
  name: `nvme${index}n1`,
  path: `/dev/nvme${index}n1`,
  serial,
  wwid: `eui.3643573054${serial.slice(-6)}0025384${index}00000001`,
  model: 'SAMSUNG MZQL23T8HCLS-00A07',
  sizeBytes: 3_840n * gigabyte,
  transport: 'nvme',
  rotational: false,
  signatures,
});

/** A server that had another life: what is on its disk is what the operator has to agree to lose. */
const oldServerDisk: DiskScenario = {
  name: 'sda',
  path: '/dev/sda',
  serial: 'BTYF03240AB1480BGN',
  wwid: 'naa.55cd2e4152c1ab10',
  model: 'INTEL SSDSC2KB480G8',
  sizeBytes: 480n * gigabyte,
  transport: 'sata',
  rotational: false,
  signatures: [
    { partition: 0, name: 'gpt' },
    { partition: 1, name: 'vfat', partitionLabel: 'EFI System Partition', sizeBytes: gigabyte },
    { partition: 2, name: 'ext4', partitionLabel: 'root', sizeBytes: 440n * gigabyte },
    { partition: 3, name: 'swap', partitionLabel: 'swap', sizeBytes: 32n * gigabyte },
  ],
};

const controlPlane = (index: number): DemoMachine => {
  const serial = `S64HNE0T5001${10 + index}`;
  return {
    name: `cp-${index}`,
    role: 'controlplane',
    mac: `3c:ec:ef:77:01:${10 + index}`,
    uuid: `3cecef77-0001-4c10-80${10 + index}-c4c4c4c4c40${index}`,
    leasedAddress: `127.77.1.${10 + index}`,
    address: `127.77.0.${10 + index}`,
    transport: 'http',
    disks: [bootNvme(serial, `eui.36344830545001${10 + index}002538530000000${index}`)],
    selector: { serial },
  };
};

const worker = (index: number, more: Pick<DemoMachine, 'disks' | 'selector' | 'transport'>): DemoMachine => ({
  name: `node-${index}`,
  role: 'worker',
  mac: `3c:ec:ef:77:02:${20 + index}`,
  uuid: `3cecef77-0002-4c20-80${20 + index}-d0d0d0d0d00${index}`,
  leasedAddress: `127.77.1.${20 + index}`,
  address: `127.77.0.${20 + index}`,
  ...more,
});

export const demoVip = '127.77.0.10';
export const demoSubnet = '127.0.0.0/8';

/** The machines that are in the rack file. */
export const demoMachines: readonly DemoMachine[] = [
  controlPlane(1),
  controlPlane(2),
  controlPlane(3),
  worker(1, {
    transport: 'http',
    disks: [
      bootNvme('S64HNE0T500121', 'eui.36344830545001210025385300000021'),
      dataNvme(1, 'S64GNE0T700211'),
      dataNvme(2, 'S64GNE0T700212'),
    ],
    selector: { serial: 'S64HNE0T500121' },
  }),
  worker(2, {
    transport: 'tftp',
    disks: [
      bootNvme('S64HNE0T500122', 'eui.36344830545001220025385300000022'),
      dataNvme(1, 'S64GNE0T700221', [{ partition: 0, name: 'lvm2-pv' }]),
    ],
    selector: { transport: 'nvme', maxSizeGB: 500 },
  }),
  worker(3, {
    transport: 'http',
    disks: [oldServerDisk, dataNvme(0, 'S64GNE0T700231')],
    selector: { wwid: 'naa.55cd2e4152c1ab10' },
  }),
];

/** Three control planes, three workers, and a machine that nobody knows, on the loopback network 127.77.0.0/16. */
export function demoScenario(options: DemoOptions): RackScenario {
  const talosVersion = options.talosVersion ?? 'v1.13.9';
  const build = (machine: Omit<DemoMachine, 'role' | 'address' | 'selector'>, link: string): MachineScenario => {
    const mac = parseMac(machine.mac);
    if (mac === undefined) throw new RangeError(`${machine.mac} is not a MAC address`);
    const { name, uuid, leasedAddress, disks, transport } = machine;
    const firmware = { transport, architecture: transport === 'http' ? 16 : 7 } as const;
    return {
      name,
      mac,
      uuid,
      leasedAddress,
      link,
      disks,
      firmware,
      talosVersion,
      faults: options.faults?.[name] ?? [],
    };
  };
  return {
    machines: [
      ...demoMachines.map((machine) => build(machine, machine.role === 'worker' ? 'enp65s0f0' : 'enp1s0f0')),
      build(
        {
          name: 'stranger',
          mac: 'd4:5d:64:77:99:01',
          uuid: 'd45d6477-9901-11ee-8000-d45d64779901',
          leasedAddress: '127.77.1.99',
          transport: 'http',
          disks: [bootNvme('PHLJ915002RK1P0FGN', 'eui.01000000010000005cd2e4d1a3e55251')],
        },
        'enp1s0f0',
      ),
    ],
    bootServer: options.bootServer,
    lan: { dhcpServer: '127.77.0.1', prefixLength: 16 },
    speed: options.speed ?? 1,
    seed: options.seed ?? 1,
    fluxBringsPodNetwork: true,
  };
}
