import type { Architecture } from './client-architecture.ts';
import type { BootClient, ClientFirmware } from './identify-client.ts';

/** Where the operator keeps the Talos UKI of each architecture. */
export interface Ukis {
  readonly amd64?: string | undefined;
  readonly arm64?: string | undefined;
}

export type Transport = 'tftp' | 'http';

/** One file that a machine may be told to fetch. */
export interface BootFile {
  readonly firmware: ClientFirmware;
  /** Numbers of option 93 that may have it. */
  readonly architectures: readonly number[];
  readonly transport: Transport;
  /** The name on the wire. It is no path: `source` says which file of the operator's it stands for. */
  readonly name: string;
  readonly source: Architecture;
}

/**
 * The boot files: who may have which, and how. Names are advertised and served from these rows and from nowhere else.
 * The name ends in `.efi` because OVMF's HTTP boot takes a file without that ending only by its content type.
 */
export const bootFiles: readonly BootFile[] = [
  { firmware: 'uefi-pxe', architectures: [7, 9], transport: 'tftp', name: 'talos-amd64.efi', source: 'amd64' },
  { firmware: 'uefi-http', architectures: [16], transport: 'http', name: 'talos-amd64.efi', source: 'amd64' },
  { firmware: 'uefi-pxe', architectures: [11], transport: 'tftp', name: 'talos-arm64.efi', source: 'arm64' },
  { firmware: 'uefi-http', architectures: [19], transport: 'http', name: 'talos-arm64.efi', source: 'arm64' },
];

export function bootFileFor(client: BootClient): BootFile | undefined {
  return bootFiles.find(
    (file) =>
      file.firmware === client.firmware && client.architectures.some((type) => file.architectures.includes(type)),
  );
}

export function bootFileNamed(transport: Transport, name: string): BootFile | undefined {
  return bootFiles.find((file) => file.transport === transport && file.name === name);
}
