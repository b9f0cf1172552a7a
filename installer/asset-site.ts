import { join } from 'node:path';
import type { Files } from '../core/ports.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import {
  type AssetCache,
  type AssetSite,
  assetsOf,
  type CommandLines,
  listAssets,
  lockFileName,
  publicFactory,
  readLock,
  type Ukis,
} from '../pxe/index.ts';
import { renderSchematic, type Schematic, schematicId } from '../talos/index.ts';

export interface RackAssets {
  readonly site: AssetSite;
  /** What the factory has to know before it can build; absent for a schematic that is known by its id alone. */
  readonly schematicText: string | undefined;
}

export interface RackAssetsOptions {
  readonly spec: Pick<RackSpec, 'talos' | 'boot'>;
  /** Folder of the rack file: the lock is beside it. */
  readonly directory: string;
  readonly cache: AssetCache;
  /** PEM that UKIs must be signed with. */
  readonly certificate?: string | undefined;
}

const architectures = ['amd64', 'arm64'] as const;

/** What a rack boots from, as the Image Factory names it, and where it is pinned and kept. */
export function rackAssets({ spec: { talos, boot }, directory, cache, certificate }: RackAssetsOptions): RackAssets {
  // Keys that the rack file leaves out are left out of the schematic, too.
  const schematic = typeof talos.schematic === 'string' ? talos.schematic : ((talos.schematic ?? {}) as Schematic);
  const { factory = publicFactory } = talos;
  return {
    site: {
      schematic: typeof schematic === 'string' ? schematic : schematicId(schematic),
      version: talos.version,
      architectures: boot.assets?.architectures ?? architectures.filter((one) => boot.uki[one] !== undefined),
      secureBoot: talos.secureBoot === true,
      factory: factory.includes('://') ? factory : `https://${factory}`,
      lockPath: join(directory, lockFileName),
      cache,
      ...(certificate === undefined ? {} : { certificate }),
    },
    schematicText: typeof schematic === 'string' ? undefined : renderSchematic(schematic),
  };
}

/**
 * The UKIs in the cache, each read whole and compared with its pin: nobody is asked, so it works without a network. Faults
 * `pxe/asset-missing`, `pxe/asset-changed`, `pxe/lock-broken`.
 */
export async function pinnedUkis({ site }: RackAssets, files: Pick<Files, 'readText' | 'open'>): Promise<Ukis> {
  const lock = await readLock(files, site.lockPath);
  const ukis = assetsOf(site).filter(({ kind }) => kind === 'uki');
  const found = await Promise.all(
    ukis.map(async ({ architecture, key }) => [architecture, await site.cache.verify(key, lock[key])] as const),
  );
  return Object.fromEntries(found);
}

/**
 * The kernel command lines that are pinned and in the cache: for machines that get kernel and initrd apart, the factory's own
 * word on how this version is started. Fault `pxe/asset-changed`, `pxe/lock-broken`.
 */
export async function pinnedCommandLines(
  { site }: RackAssets,
  files: Pick<Files, 'readText' | 'open'>,
): Promise<CommandLines> {
  const found: [string, string][] = [];
  for (const { asset, locked, isCached } of await listAssets(site, files)) {
    // The UKI has one of its own, so that a lost text keeps nobody from booting.
    if (asset.kind !== 'command-line' || !isCached) continue;
    const text = await files.readText(await site.cache.verify(asset.key, locked));
    if (text !== undefined && text.trim() !== '') found.push([asset.architecture, text.trim()]);
  }
  return Object.fromEntries(found);
}
