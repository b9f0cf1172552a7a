import type { BootServerConfig } from './boot-server.ts';
import type { Firmware } from './power-on.ts';
import type { Lan } from './provisioning-network.ts';

/** How a machine gets from power-on to Linux. */
export interface Way {
  readonly id: string;
  readonly firmware: Firmware;
  readonly name: string;
  /** The files that it fetches, in this order. */
  readonly files: readonly string[];
  /** What the rack says of the machine; to boot, and nothing more, when left out. */
  readonly intent?: BootServerConfig['intent'];
  /** The MAC address that its firmware takes whatever the card has; it then tells no UUID either. */
  readonly ownMac?: string;
  readonly hidesIpxe?: true;
  /** Our offers lose option 43, so that it asks on port 4011 as two-step firmware does. */
  readonly asksTwice?: true;
  /** It is given a UKI with a signature. */
  readonly isSigned?: true;
  /** To whom we give addresses; to nobody when left out. */
  readonly addressesTo?: 'firmware' | 'everybody';
  /** Beside which DHCP servers it is run; beside all when left out. */
  readonly beside?: readonly Lan[];
  /** What is known beforehand to go wrong beside a DHCP server: the words on the console. */
  readonly fails?: Partial<Record<Lan, RegExp>>;
  /** The first of those words, where a console that loses letters may only show what comes after them. */
  readonly failureWords?: string;
}

const kernelByIpxe = ['talos-amd64.ipxe', 'talos-amd64.linux', 'talos-amd64.initrd'];
/** EDK2 asks a DHCP server that says PXEClient on port 4011, and nobody else. */
const edk2Astray = { 'option-60': /PXE-E\d+: [^\r\n\x1b]*(?=[\r\n\x1b])/ };
/** iPXE takes the empty PXE offer that its address came with. */
const ipxeAstray = { 'option-60': /Nothing to boot: No such file or directory/ };
/** It prefers a file name that its address came with, unless an offer to iPXE has a higher priority; a loader's has none. */
const romAstray = { ...ipxeAstray, stale: /Connection timed out/ };

/** On one line, so that it is found on a console. */
export const maintenanceConfig = '{ apiVersion: v1alpha1, kind: KmsgLogConfig, name: proof }\n';

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
    intent: { kind: 'boot', through: 'ipxe' },
    fails: edk2Astray,
  },
  {
    id: 'aavmf-http',
    firmware: 'aavmf-http',
    name: 'AAVMF (EDK2) arm64, UEFI HTTP boot; PXE turned off by fw_cfg',
    files: ['talos-arm64.efi'],
    beside: ['silent'],
  },
  {
    id: 'ovmf-two-step',
    firmware: 'ovmf-pxe',
    name: 'OVMF x64, PXE over TFTP in two steps: offered without option 43, so that it asks on port 4011',
    files: ['talos-amd64.efi'],
    asksTwice: true,
    beside: ['silent'],
  },
  {
    id: 'ovmf-secure-signed',
    firmware: 'ovmf-secure',
    name: 'OVMF x64 with Secure Boot, UEFI HTTP boot; the UKI is signed with a key that it knows',
    files: ['talos-amd64.efi'],
    isSigned: true,
    beside: ['silent'],
  },
  {
    id: 'ovmf-secure-unsigned',
    firmware: 'ovmf-secure',
    name: 'OVMF x64 with Secure Boot, UEFI HTTP boot; the UKI is not signed',
    files: ['talos-amd64.efi'],
    beside: ['silent'],
    fails: { silent: /Access Denied|Security Violation|No bootable option|Boot Manager Menu/ },
    failureWords: 'Access Denied',
  },
  {
    id: 'u-boot-full',
    firmware: 'u-boot',
    name: 'U-Boot arm64, its EFI boot from the network over TFTP, with `boot.dhcp: full`',
    files: ['talos-arm64.efi'],
    addressesTo: 'everybody',
    ownMac: '52:52:52:52:52:52',
    beside: ['none'],
  },
  {
    id: 'ovmf-pxe-own',
    firmware: 'ovmf-pxe',
    name: 'OVMF x64, PXE over TFTP, with `boot.dhcp: firmware`',
    files: ['talos-amd64.efi'],
    addressesTo: 'firmware',
    beside: ['option-60'],
  },
  {
    id: 'ipxe-config',
    firmware: 'seabios',
    name: 'SeaBIOS with the iPXE ROM, with a maintenance config',
    files: [...kernelByIpxe, 'maintenance config'],
    intent: { kind: 'boot', config: maintenanceConfig },
    beside: ['silent'],
  },
  ...(['exit', 'sanboot', 'not-found'] as const).map((through) => ({
    id: `ipxe-disk-${through}`,
    firmware: 'seabios' as const,
    name: `SeaBIOS with the iPXE ROM, installed, with \`boot.localDisk: ${through}\``,
    files: through === 'not-found' ? [] : [`${through}.ipxe`],
    intent: { kind: 'local-disk' as const, through },
    beside: ['silent' as const],
  })),
  {
    id: 'undionly-disk-exit',
    firmware: 'seabios',
    name: 'SeaBIOS, Debian’s undionly.kpxe, installed, with `boot.localDisk: exit`',
    files: ['undionly.kpxe', 'exit.ipxe'],
    hidesIpxe: true,
    intent: { kind: 'local-disk', through: 'exit' },
    beside: ['silent'],
  },
  {
    id: 'ovmf-through-http',
    firmware: 'ovmf-ipv4',
    name: 'OVMF x64 that asks by PXE first, with `boot.through: uefi-http`',
    files: ['talos-amd64.efi'],
    intent: { kind: 'boot', through: 'uefi-http' },
    beside: ['silent'],
  },
];

/** Beside these every way is run that names no others. */
export const usualLans = ['silent', 'option-60', 'stale'] as const satisfies readonly Lan[];

/** One machine, powered on once. */
export interface Run {
  readonly id: string;
  readonly way: Way;
  readonly lan: Lan;
  readonly isStranger: boolean;
}

const runsOf = (chosen: readonly Way[]): readonly Run[] =>
  chosen.flatMap((way) =>
    (way.beside ?? usualLans).map((lan) => ({ id: `${way.id}-${lan}`, way, lan, isStranger: false })),
  );

/** Their order gives each machine its addresses, which the captures have in them: what is new is put at the end. */
export const runs: readonly Run[] = [
  ...runsOf(ways.filter(({ beside }) => beside === undefined).toReversed()),
  ...ways
    .filter(({ id }) => id === 'ovmf-pxe')
    .map((way) => ({ id: `${way.id}-stranger`, way, lan: 'silent' as const, isStranger: true })),
  ...runsOf(ways.filter(({ beside }) => beside !== undefined)),
];
