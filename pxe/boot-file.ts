import type { Architecture } from './client-architecture.ts';
import type { BootClient, ClientFirmware } from './identify-client.ts';

/** Where the operator keeps the Talos UKI of each architecture. */
export interface Ukis {
  readonly amd64?: string | undefined;
  readonly arm64?: string | undefined;
}

/** The kernel command line of each architecture, where it is known beside the UKI. */
export type CommandLines = Readonly<Partial<Record<Architecture, string>>>;

export type Transport = 'tftp' | 'http';

/**
 * What a boot file is. `linux` and `initrd` are sections of the UKI, for iPXE: it would replace the command line that is
 * embedded in a whole UKI by its own load options.
 */
export type BootFileKind = 'uki' | 'network-loader' | 'ipxe-script' | 'linux' | 'initrd' | DiskScript;

/** Scripts with which iPXE gives way to the disk: by going back to the firmware, or by starting the first disk itself. */
export type DiskScript = 'exit' | 'sanboot';

/** One file that a machine may be told to fetch. */
export interface BootFile {
  readonly kind: BootFileKind;
  readonly firmware: ClientFirmware;
  /** Numbers of option 93 that may have it. */
  readonly architectures: readonly number[];
  readonly transport: Transport;
  /** The name on the wire. It is no path: what stands behind it is made from the UKI of `source`, or is a loader. */
  readonly name: string;
  /** Whose UKI it is made of, or leads to; absent for what has to do with none. */
  readonly source?: Architecture;
}

/** A name that is told and that nothing stands behind: firmware that hears "no such file" goes on to its disk at once. */
export const noSuchFile = 'boot-from-disk.efi';

/**
 * The boot files: who may have which, and how. Names are advertised and served from these rows and from nowhere else.
 * The name of an EFI program ends in `.efi` because OVMF's HTTP boot takes a file without that ending only by its content
 * type. U-Boot starts the same EFI program (bootefi). A `network-loader` is iPXE, which then asks again as `ipxe`: for
 * BIOS machines, and for UEFI machines of whom the operator says so.
 */
export const bootFiles: readonly BootFile[] = [
  row('uki', 'uefi-pxe', [7, 9], 'tftp', 'talos-amd64.efi', 'amd64'),
  row('uki', 'uefi-http', [16], 'http', 'talos-amd64.efi', 'amd64'),
  row('uki', 'uefi-pxe', [11], 'tftp', 'talos-arm64.efi', 'arm64'),
  row('uki', 'uefi-http', [19], 'http', 'talos-arm64.efi', 'arm64'),
  row('uki', 'u-boot', [22], 'tftp', 'talos-arm64.efi', 'arm64'),
  row('uki', 'u-boot', [24], 'http', 'talos-arm64.efi', 'arm64'),
  row('network-loader', 'bios-pxe', [0], 'tftp', 'undionly.kpxe', 'amd64'),
  row('network-loader', 'uefi-pxe', [7, 9], 'tftp', 'snponly.efi', 'amd64'),
  row('network-loader', 'uefi-http', [16], 'http', 'snponly.efi', 'amd64'),
  row('network-loader', 'uefi-pxe', [11], 'tftp', 'snponly-arm64.efi', 'arm64'),
  row('network-loader', 'uefi-http', [19], 'http', 'snponly-arm64.efi', 'arm64'),
  row('ipxe-script', 'ipxe', [0, 7, 9], 'http', 'talos-amd64.ipxe', 'amd64'),
  row('linux', 'ipxe', [0, 7, 9], 'http', 'talos-amd64.linux', 'amd64'),
  row('initrd', 'ipxe', [0, 7, 9], 'http', 'talos-amd64.initrd', 'amd64'),
  row('ipxe-script', 'ipxe', [11], 'http', 'talos-arm64.ipxe', 'arm64'),
  row('linux', 'ipxe', [11], 'http', 'talos-arm64.linux', 'arm64'),
  row('initrd', 'ipxe', [11], 'http', 'talos-arm64.initrd', 'arm64'),
  row('exit', 'ipxe', [0, 7, 9, 11], 'http', 'exit.ipxe'),
  row('sanboot', 'ipxe', [0, 7, 9, 11], 'http', 'sanboot.ipxe'),
];

/** The rows that this client could have, in the order of the table. */
export function bootFilesFor({ firmware, architectures }: BootClient): readonly BootFile[] {
  const rows = byFirmware.get(firmware) ?? [];
  return rows.filter((file) => architectures.some((type) => file.architectures.includes(type)));
}

/** Looked at for each packet. */
const byFirmware = Map.groupBy(bootFiles, ({ firmware }) => firmware);

/** Rows of one name and transport: what they serve is the same, who may have it is not. */
export function bootFilesNamed(transport: Transport, name: string): readonly BootFile[] {
  return bootFiles.filter((file) => file.transport === transport && file.name === name);
}

function row(
  kind: BootFileKind,
  firmware: ClientFirmware,
  architectures: readonly number[],
  transport: Transport,
  name: string,
  source?: Architecture,
): BootFile {
  return { kind, firmware, architectures, transport, name, ...(source === undefined ? {} : { source }) };
}
