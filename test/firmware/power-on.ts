import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProvisioningNetwork } from './provisioning-network.ts';
import type { RunningProgram } from './running-program.ts';

export interface FirmwareMachine {
  readonly mac: string;
  /** SMBIOS UUID. */
  readonly uuid: string;
  /** `http` turns OVMF's PXE off; otherwise it would try PXE over IPv4 and IPv6 first and come to HTTP after a minute. */
  readonly boot: 'pxe' | 'http';
}

const onlyHttp = ['IPv4PXESupport', 'IPv6PXESupport'].flatMap((feature) => [
  '-fw_cfg',
  `name=opt/org.tianocore/${feature},string=n`,
]);

/** Powers on an emulated x64 machine with OVMF and an empty NVRAM; its serial console is the program's input and output. */
export async function powerOn(
  network: ProvisioningNetwork,
  directory: string,
  machine: FirmwareMachine,
): Promise<RunningProgram> {
  const variables = join(directory, `${machine.mac.replaceAll(':', '')}.fd`);
  await copyFile('/usr/share/OVMF/OVMF_VARS_4M.fd', variables);
  return network.start('qemu-system-x86_64', [
    ...['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '1', '-m', '1024', '-uuid', machine.uuid],
    ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-no-reboot', '-nodefaults'],
    ...['-drive', 'if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd'],
    ...['-drive', `if=pflash,format=raw,unit=1,file=${variables}`],
    ...['-netdev', 'tap,id=n0,ifname=tap0,script=no,downscript=no'],
    // An empty romfile leaves the network to OVMF; without a source of random numbers newer OVMF has no network boot.
    ...['-device', `virtio-net-pci,netdev=n0,mac=${machine.mac},bootindex=1,romfile=`, '-device', 'virtio-rng-pci'],
    ...(machine.boot === 'http' ? onlyHttp : []),
  ]);
}
