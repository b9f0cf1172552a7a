import type { Firmware } from './power-on.ts';
import { type Lan, lans } from './provisioning-network.ts';

/** How a machine gets from power-on to Linux. */
export interface Way {
  readonly id: string;
  readonly firmware: Firmware;
  readonly name: string;
  /** The files that it fetches, in this order. */
  readonly files: readonly string[];
  readonly through?: 'ipxe';
  readonly hidesIpxe?: true;
  /** What is known beforehand to go wrong beside a DHCP server: the words on the console. */
  readonly fails?: Partial<Record<Lan, RegExp>>;
}

const kernelByIpxe = ['talos-amd64.ipxe', 'talos-amd64.linux', 'talos-amd64.initrd'];
/** EDK2 asks a DHCP server that says PXEClient on port 4011, and nobody else. */
const edk2Astray = { 'option-60': /PXE-E\d+: [^\r\n\x1b]*(?=[\r\n\x1b])/ };
/** iPXE takes the empty PXE offer that its address came with. */
const ipxeAstray = { 'option-60': /Nothing to boot: No such file or directory/ };
/** It prefers a file name that its address came with, unless an offer to iPXE has a higher priority; a loader's has none. */
const romAstray = { ...ipxeAstray, stale: /Connection timed out/ };

export const ways: readonly Way[] = [
  {
    id: 'ovmf-http',
    firmware: 'ovmf-http',
    name: 'OVMF (EDK2) x64, UEFI HTTP boot; PXE turned off by fw_cfg',
    files: ['talos-amd64.efi'],
  },
  {
    id: 'ovmf-pxe',
    firmware: 'ovmf-pxe',
    name: 'OVMF (EDK2) x64, PXE over TFTP',
    files: ['talos-amd64.efi'],
    fails: edk2Astray,
  },
  {
    id: 'aavmf-pxe',
    firmware: 'aavmf-pxe',
    name: 'AAVMF (EDK2) arm64, PXE over TFTP',
    files: ['talos-arm64.efi'],
    fails: edk2Astray,
  },
  {
    id: 'ipxe-rom',
    firmware: 'seabios',
    name: 'SeaBIOS with the iPXE ROM of QEMU’s network card',
    files: kernelByIpxe,
    fails: ipxeAstray,
  },
  {
    id: 'undionly',
    firmware: 'seabios',
    name: 'SeaBIOS, Debian’s undionly.kpxe over TFTP, then its own question',
    files: ['undionly.kpxe', ...kernelByIpxe],
    hidesIpxe: true,
    fails: romAstray,
  },
  {
    id: 'snponly',
    firmware: 'ovmf-pxe',
    name: 'OVMF x64, Debian’s snponly.efi over TFTP, then its own question',
    files: ['snponly.efi', ...kernelByIpxe],
    through: 'ipxe',
    fails: edk2Astray,
  },
];

/** One machine, powered on once. */
export interface Run {
  readonly id: string;
  readonly way: Way;
  readonly lan: Lan;
  readonly isStranger: boolean;
}

export const runs: readonly Run[] = [
  // The slow ones first, so that two at a time end together.
  ...ways
    .toReversed()
    .flatMap((way) =>
      (Object.keys(lans) as Lan[]).map((lan) => ({ id: `${way.id}-${lan}`, way, lan, isStranger: false })),
    ),
  ...ways
    .filter(({ id }) => id === 'ovmf-pxe')
    .map((way) => ({ id: `${way.id}-stranger`, way, lan: 'silent' as const, isStranger: true })),
];
