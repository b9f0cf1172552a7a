import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProvisioningNetwork } from './provisioning-network.ts';
import type { RunningProgram } from './running-program.ts';

/** What boots the machine before anything of ours runs on it. */
export type Firmware = 'ovmf-http' | 'ovmf-pxe' | 'aavmf-pxe' | 'seabios';

export interface FirmwareMachine {
  readonly mac: string;
  /** SMBIOS UUID. */
  readonly uuid: string;
  readonly firmware: Firmware;
  /** Room for an image several times over, where it is a large one. */
  readonly memoryMegabytes?: number;
}

/** OVMF would try PXE over IPv4 and IPv6 first and come to HTTP after a minute. */
const onlyHttp = ['IPv4PXESupport', 'IPv6PXESupport'].flatMap((feature) => [
  '-fw_cfg',
  `name=opt/org.tianocore/${feature},string=n`,
]);

/** An empty romfile leaves the network to the UEFI firmware; without it the card has QEMU's iPXE ROM. */
const networkCard = (mac: string, rom: 'rom' | 'no-rom') => [
  ...['-netdev', 'tap,id=n0,ifname=tap0,script=no,downscript=no'],
  ...['-device', `virtio-net-pci,netdev=n0,mac=${mac},bootindex=1${rom === 'rom' ? '' : ',romfile='}`],
];

/** Powers on an emulated machine with an empty NVRAM; its serial console is the program's input and output. */
export async function powerOn(
  network: ProvisioningNetwork,
  directory: string,
  { mac, uuid, firmware, memoryMegabytes = 1024 }: FirmwareMachine,
): Promise<RunningProgram> {
  const common = [
    ...['-accel', 'tcg', '-smp', '1', '-m', String(memoryMegabytes), '-uuid', uuid, '-nodefaults', '-no-reboot'],
    ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
  ];
  if (firmware === 'seabios') {
    return network.start('qemu-system-x86_64', [
      // With the screen off SeaBIOS shows on the serial console what it and iPXE write on the screen.
      ...['-machine', 'pc,graphics=off', '-cpu', 'max', ...common, ...networkCard(mac, 'rom')],
    ]);
  }
  const isArm = firmware === 'aavmf-pxe';
  const variables = join(directory, `${mac.replaceAll(':', '')}.fd`);
  await copyFile(isArm ? '/usr/share/AAVMF/AAVMF_VARS.fd' : '/usr/share/OVMF/OVMF_VARS_4M.fd', variables);
  const code = isArm ? '/usr/share/AAVMF/AAVMF_CODE.fd' : '/usr/share/OVMF/OVMF_CODE_4M.fd';
  return network.start(isArm ? 'qemu-system-aarch64' : 'qemu-system-x86_64', [
    ...(isArm ? ['-machine', 'virt', '-cpu', 'cortex-a57'] : ['-machine', 'q35', '-cpu', 'max']),
    ...common,
    ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${code}`],
    ...['-drive', `if=pflash,format=raw,unit=1,file=${variables}`],
    // Without a source of random numbers newer OVMF has no network boot.
    ...[...networkCard(mac, 'no-rom'), '-device', 'virtio-rng-pci'],
    ...(firmware === 'ovmf-http' ? onlyHttp : []),
  ]);
}
