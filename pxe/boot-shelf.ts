import type { Files, ReadableFile } from '../core/ports.ts';
import type { PeSection } from './assets/read-pe.ts';
import { openUki } from './assets/read-uki.ts';
import { type BootFile, bootFiles, type CommandLines, type DiskScript, type Ukis } from './boot-file.ts';
import type { Architecture } from './client-architecture.ts';
import type { BootOffers } from './decide-boot.ts';
import { renderIpxeScript } from './ipxe/render-ipxe-script.ts';
import { ukiMissing } from './pxe-faults.ts';

/** Paths of network loaders by their name in the boot-file table. */
export type Loaders = Readonly<Record<string, string>>;

export interface ShelfOptions {
  readonly ukis: Ukis;
  /** Kernel command lines as the factory gives them; where there is none, that of the UKI counts. */
  readonly commandLines?: CommandLines;
  readonly loaders?: Loaders;
}

/** What stands behind the names of the boot-file table: UKIs, their sections, scripts made of them, and loaders. */
export interface BootShelf {
  /** What there is to give away, as the decision needs to know it. */
  readonly offers: Omit<BootOffers, 'httpOrigin'>;
  /**
   * The content of a row as it is now; `undefined` when there is none. `configUrl` goes into the command line of a script:
   * Talos starts with what it finds there.
   */
  open(file: BootFile, httpOrigin: string, configUrl?: string): Promise<ReadableFile | undefined>;
}

/** The first disk has number 128 where iPXE speaks as a BIOS does. */
const diskScripts: Readonly<Record<DiskScript, string>> = {
  exit: '#!ipxe\nexit\n',
  sanboot: '#!ipxe\nsanboot --no-describe --drive 0x80 || exit\n',
};

/** Looks at what the operator has. Fault `pxe/uki-missing`. */
export async function stockShelf(
  files: Pick<Files, 'open'>,
  { ukis, commandLines = {}, loaders = {} }: ShelfOptions,
): Promise<BootShelf> {
  const kernels: Architecture[] = [];
  for (const architecture of ['amd64', 'arm64'] as const) {
    const path = ukis[architecture];
    if (path === undefined) continue;
    const file = await files.open(path);
    if (file === undefined) throw ukiMissing({ architecture, path });
    await file.close();
    const uki = await openUki(files, path);
    if (uki?.linux !== undefined && uki.initrd !== undefined) kernels.push(architecture);
  }
  return {
    offers: { ukis, kernels, loaders: Object.keys(loaders) },
    open: async (row, httpOrigin, configUrl) => {
      if (row.kind === 'exit' || row.kind === 'sanboot') return textFile(diskScripts[row.kind]);
      const { source = 'amd64' } = row;
      const path = row.kind === 'network-loader' ? loaders[row.name] : ukis[source];
      if (path === undefined) return undefined;
      if (row.kind === 'uki' || row.kind === 'network-loader') return files.open(path);
      const uki = await openUki(files, path);
      if (uki?.linux === undefined || uki.initrd === undefined) return undefined;
      if (row.kind !== 'ipxe-script') return openSection(files, path, row.kind === 'linux' ? uki.linux : uki.initrd);
      const nameOf = (kind: BootFile['kind']) =>
        bootFiles.find((one) => one.kind === kind && one.source === row.source)?.name ?? '';
      const words = [configUrl && `talos.config=${configUrl}`, commandLines[source] ?? uki.commandLine];
      const commandLine = words.filter((one) => one !== undefined).join(' ');
      return textFile(renderIpxeScript({ httpOrigin, linux: nameOf('linux'), initrd: nameOf('initrd'), commandLine }));
    },
  };
}

/** A section of a file as a file of its own. */
async function openSection(
  files: Pick<Files, 'open'>,
  path: string,
  { offsetBytes, sizeBytes }: PeSection,
): Promise<ReadableFile | undefined> {
  const file = await files.open(path);
  if (file === undefined) return undefined;
  const within = (at: number) => Math.min(Math.max(at, 0), sizeBytes);
  return {
    sizeBytes,
    read: (at, length) => file.read(offsetBytes + within(at), within(at + length) - within(at)),
    stream: (start, end) => file.stream(offsetBytes + within(start), offsetBytes + within(end)),
    close: () => file.close(),
  };
}

function textFile(text: string): ReadableFile {
  const bytes = new TextEncoder().encode(text);
  return {
    sizeBytes: bytes.length,
    read: async (at, length) => bytes.subarray(at, at + length),
    stream: async function* (start, end) {
      yield bytes.subarray(start, end);
    },
    close: async () => undefined,
  };
}
