import { createHash } from 'node:crypto';
import type { Files, LargeFiles } from '../../core/ports.ts';
import { assetChanged, assetMissing } from './asset-faults.ts';
import type { LockedAsset } from './asset-lock.ts';

export interface CachePorts {
  readonly files: Pick<Files, 'open' | 'readText' | 'makeDirectory' | 'writeAtomically' | 'truncate'>;
  readonly largeFiles: LargeFiles;
}

/** Files by their SHA-256, so that a name never means two contents; what is on its way lies beside them. */
export class AssetCache {
  readonly directory: string;
  readonly #ports: CachePorts;

  constructor(directory: string, ports: CachePorts) {
    this.directory = directory;
    this.#ports = ports;
  }

  pathOf(sha256: string): string {
    return `${this.directory}/sha256/${sha256}`;
  }

  /** Where an asset arrives; the same place after a crash. */
  draftOf(key: string): string {
    return `${this.directory}/partial/${key.replaceAll('/', '_')}`;
  }

  async prepare(): Promise<void> {
    for (const folder of ['', '/sha256', '/partial'])
      await this.#ports.files.makeDirectory(`${this.directory}${folder}`, 0o755);
  }

  /** Whether it is here, by its length; whether its bytes are right is for `hashOf` to say. */
  async has({ sha256, sizeBytes }: LockedAsset): Promise<boolean> {
    const file = await this.#ports.files.open(this.pathOf(sha256));
    await file?.close();
    return file?.sizeBytes === sizeBytes;
  }

  /** The path to boot from. Fault `pxe/asset-missing`. */
  async require(key: string, locked: LockedAsset | undefined): Promise<string> {
    const path = this.pathOf(locked?.sha256 ?? '');
    if (locked === undefined || !(await this.has(locked))) throw assetMissing({ asset: key, path });
    return path;
  }

  /** The path to boot from, after its bytes were compared with the pin. Faults `pxe/asset-missing`, `pxe/asset-changed`. */
  async verify(key: string, locked: LockedAsset | undefined): Promise<string> {
    const path = await this.require(key, locked);
    const found = await hashOf(this.#ports.files, path);
    if (found === undefined || found.sha256 !== locked?.sha256)
      throw assetChanged({ asset: key, pinned: locked?.sha256 ?? '', found: found?.sha256 ?? '' });
    return path;
  }

  /** The draft becomes the file of its content. */
  async keep(draft: string, sha256: string): Promise<void> {
    await this.#ports.largeFiles.rename(draft, this.pathOf(sha256));
  }
}

/** SHA-256 and length of a file, read piece by piece; `undefined` when it is not there. */
export async function hashOf(
  files: Pick<Files, 'open'>,
  path: string,
): Promise<{ sha256: string; sizeBytes: number } | undefined> {
  const file = await files.open(path);
  if (file === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    for await (const chunk of file.stream(0, file.sizeBytes)) hash.update(chunk);
    return { sha256: hash.digest('hex'), sizeBytes: file.sizeBytes };
  } finally {
    await file.close();
  }
}
