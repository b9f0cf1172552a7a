import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProvisioningNetwork } from './provisioning-network.ts';
import type { RunningProgram } from './running-program.ts';

/** What boots the machine before anything of ours runs on it. */
export type Firmware = keyof typeof boards;

export interface FirmwareMachine {
  readonly mac: string;
  /** SMBIOS UUID. */
  readonly uuid: string;
  readonly firmware: Firmware;
  /** Room for an image several times over, where it is a large one. */
  readonly memoryMegabytes?: number;
  /** Arguments for QEMU that put a disk into the machine. */
  readonly disk?: readonly string[];
}

interface Board {
  readonly emulator: 'qemu-system-x86_64' | 'qemu-system-aarch64';
  readonly machine: readonly string[];
  /** Flash of UEFI firmware: its code, and the variables that it starts with. */
  readonly flash?: readonly [code: string, variables: string];
  readonly more?: readonly string[];
  /** The network card has QEMU's iPXE ROM. */
  readonly hasRom?: boolean;
}

/** OVMF tries PXE over IPv4 and over IPv6 first, and HTTP after that; each that nobody answers takes a minute. */
const without = (...features: readonly string[]) =>
  features.flatMap((feature) => ['-fw_cfg', `name=opt/org.tianocore/${feature},string=n`]);
const onlyHttp = without('IPv4PXESupport', 'IPv6PXESupport');
const x64 = { emulator: 'qemu-system-x86_64', machine: ['-machine', 'q35', '-cpu', 'max'] } as const;
const arm64 = { emulator: 'qemu-system-aarch64', machine: ['-machine', 'virt', '-cpu', 'cortex-a57'] } as const;
const ovmf = ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'] as const;
const aavmf = ['/usr/share/AAVMF/AAVMF_CODE.fd', '/usr/share/AAVMF/AAVMF_VARS.fd'] as const;

const boards = {
  'ovmf-http': { ...x64, flash: ovmf, more: onlyHttp },
  'ovmf-pxe': { ...x64, flash: ovmf },
  'ovmf-ipv4': { ...x64, flash: ovmf, more: without('IPv6PXESupport') },
  /** Secure Boot is on, with the key in it that Debian publishes both halves of. */
  'ovmf-secure': {
    emulator: 'qemu-system-x86_64',
    machine: ['-machine', 'q35,smm=on', '-cpu', 'max', '-global', 'driver=cfi.pflash01,property=secure,value=on'],
    flash: ['/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', '/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd'],
    // Firmware that was refused goes on to ask in its other ways, sooner or later.
    more: onlyHttp,
  },
  'aavmf-http': { ...arm64, flash: aavmf, more: onlyHttp },
  'aavmf-pxe': { ...arm64, flash: aavmf },
  'u-boot': { ...arm64, more: ['-bios', '/usr/lib/u-boot/qemu_arm64/u-boot.bin'] },
  // With the screen off SeaBIOS shows on the serial console what it and iPXE write on the screen.
  seabios: { emulator: 'qemu-system-x86_64', machine: ['-machine', 'pc,graphics=off', '-cpu', 'max'], hasRom: true },
} as const satisfies Record<string, Board>;

/** An empty romfile leaves the network to the UEFI firmware; without it the card has QEMU's iPXE ROM. */
const networkCard = (mac: string, hasRom: boolean) => [
  ...['-netdev', 'tap,id=n0,ifname=tap0,script=no,downscript=no'],
  ...['-device', `virtio-net-pci,netdev=n0,mac=${mac},bootindex=1${hasRom ? '' : ',romfile='}`],
];

/** Powers on an emulated machine with an empty NVRAM; its serial console is the program's input and output. */
export async function powerOn(
  network: ProvisioningNetwork,
  directory: string,
  { mac, uuid, firmware, memoryMegabytes = 1024, disk = [] }: FirmwareMachine,
): Promise<RunningProgram> {
  const { emulator, machine, flash, more = [], hasRom = false }: Board = boards[firmware];
  const flashDrives: string[] = [];
  if (flash !== undefined) {
    const [code, empty] = flash;
    const variables = join(directory, `${mac.replaceAll(':', '')}.fd`);
    await copyFile(empty, variables);
    flashDrives.push('-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${code}`);
    flashDrives.push('-drive', `if=pflash,format=raw,unit=1,file=${variables}`);
  }
  return network.start(emulator, [
    ...machine,
    ...['-accel', 'tcg', '-smp', '1', '-m', String(memoryMegabytes), '-uuid', uuid, '-nodefaults', '-no-reboot'],
    ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
    ...flashDrives,
    ...networkCard(mac, hasRom),
    // Without a source of random numbers newer OVMF has no network boot.
    ...(hasRom ? [] : ['-device', 'virtio-rng-pci']),
    ...disk,
    ...more,
  ]);
}
