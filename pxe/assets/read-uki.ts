import type { Files, ReadableFile } from '../../core/ports.ts';
import { type PeImage, type PeSection, peHeaderSizeBytes, readPe } from './read-pe.ts';

/** What a unified kernel image holds (UAPI Group specification "Unified Kernel Image"). */
export interface Uki {
  readonly sizeBytes: number;
  readonly architecture: 'amd64' | 'arm64' | 'other';
  readonly linux: PeSection | undefined;
  readonly initrd: PeSection | undefined;
  /** Section `.cmdline`, without the NUL or newline at its end. */
  readonly commandLine: string | undefined;
  /** Section `.osrel`: os-release(5) by key. */
  readonly osRelease: Readonly<Record<string, string>>;
  readonly image: PeImage;
}

/** Texts in a UKI are short; what claims to be longer is not read. */
const textLimitBytes = 64 * 1024;

/** Looks into an open file; `undefined` when it is no PE image. */
export async function readUki(file: ReadableFile): Promise<Uki | undefined> {
  const image = readPe(await file.read(0, Math.min(peHeaderSizeBytes, file.sizeBytes)));
  if (image === undefined) return undefined;
  const section = (name: string) =>
    image.sections.find((one) => one.name === name && one.offsetBytes + one.sizeBytes <= file.sizeBytes);
  const text = async (name: string) => {
    const found = section(name);
    if (found === undefined || found.sizeBytes > textLimitBytes) return undefined;
    const bytes = await file.read(found.offsetBytes, found.sizeBytes);
    return new TextDecoder().decode(bytes).replace(/[\0\s]+$/, '');
  };
  return {
    sizeBytes: file.sizeBytes,
    architecture: image.machine === 0x8664 ? 'amd64' : image.machine === 0xaa64 ? 'arm64' : 'other',
    linux: section('.linux'),
    initrd: section('.initrd'),
    commandLine: await text('.cmdline'),
    osRelease: parseOsRelease((await text('.osrel')) ?? ''),
    image,
  };
}

/** {@link readUki} of a path; `undefined` too when there is no such file. */
export async function openUki(files: Pick<Files, 'open'>, path: string): Promise<Uki | undefined> {
  const file = await files.open(path);
  try {
    return file === undefined ? undefined : await readUki(file);
  } finally {
    await file?.close();
  }
}

/** Lines `KEY=value`; quotes around a value go away. */
function parseOsRelease(text: string): Record<string, string> {
  const rows = text.matchAll(/^([A-Z][A-Z0-9_]*)=(["']?)(.*)\2$/gm);
  return Object.fromEntries(rows.map(([, key = '', , value = '']) => [key, value]));
}
