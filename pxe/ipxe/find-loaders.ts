import type { Files, ReadableFile } from '../../core/ports.ts';
import { loaderNames } from './loader-names.ts';

/** Where Linux distributions put iPXE: Debian and Ubuntu, Fedora and SUSE, Arch and Alpine. */
const loaderDirectories: readonly string[] = [
  '/usr/lib/ipxe',
  '/usr/share/ipxe',
  '/usr/share/ipxe/arm64-efi',
  '/usr/share/ipxe/x86_64',
];

/** A network loader that was found on this machine, and what is known of it. */
export interface FoundLoader {
  /** As in the boot-file table. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** iPXE's own version; `undefined` when the program is packed and does not show it. */
  readonly version?: string;
  /** In iPXE's words: HTTP, HTTPS, TFTP, iSCSI …; empty when the program is packed and does not show them. */
  readonly features: readonly string[];
}

/** Other names of the same program in the packages of distributions. */
const alternatives: Readonly<Record<string, readonly string[]>> = {
  'snponly-arm64.efi': ['snponly-arm64.efi', 'arm64-efi/snponly.efi', 'ipxe-arm64.efi'],
  'snponly.efi': ['snponly.efi', 'ipxe-snponly-x86_64.efi', 'snponly-x86_64.efi'],
};

/** A loader is smaller than this, or it is none. */
const limitBytes = 8 * 1024 * 1024;

/**
 * The iPXE programs on this machine, one a name; the operator's directory is looked at before those of the distributions.
 * They are never part of Rackwright: iPXE has its own licence, and its own releases.
 */
export async function findLoaders(files: Pick<Files, 'open'>, directory?: string): Promise<readonly FoundLoader[]> {
  const directories = directory === undefined ? loaderDirectories : [directory, ...loaderDirectories];
  const found: FoundLoader[] = [];
  for (const name of loaderNames()) {
    const loader = await firstOf(files, name, directories);
    if (loader !== undefined) found.push(loader);
  }
  return found;
}

async function firstOf(
  files: Pick<Files, 'open'>,
  name: string,
  directories: readonly string[],
): Promise<FoundLoader | undefined> {
  for (const directory of directories) {
    for (const candidate of alternatives[name] ?? [name]) {
      const path = `${directory}/${candidate}`;
      const file = await files.open(path);
      if (file === undefined) continue;
      try {
        return await lookInto(file, { name, path });
      } finally {
        await file.close();
      }
    }
  }
  return undefined;
}

async function lookInto(file: ReadableFile, at: { name: string; path: string }): Promise<FoundLoader> {
  const bytes = await file.read(0, Math.min(file.sizeBytes, limitBytes));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const version = /\0(\d+\.\d+\.\d+[+\w.() -]{0,60})\0/.exec(text)?.[1];
  // A packed program spells a word or two by accident, and never its version.
  const features = version === undefined ? [] : featureNames.filter((feature) => text.includes(`\0${feature}\0`));
  return { ...at, sizeBytes: file.sizeBytes, ...(version === undefined ? {} : { version }), features };
}

/** The names that iPXE prints after "Features:". */
const featureNames = [
  'DNS',
  'HTTP',
  'HTTPS',
  'iSCSI',
  'NFS',
  'SRP',
  'TFTP',
  'AoE',
  'VLAN',
  'FTP',
  'SLAM',
  'EFI',
  'ELF',
  'bzImage',
  'COMBOOT',
];
