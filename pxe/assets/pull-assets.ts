import type { Files } from '../../core/ports.ts';
import { type Asset, type AssetWish, assetsOf, assetUrl } from './asset.ts';
import { AssetCache, hashOf } from './asset-cache.ts';
import { assetChanged, assetMissing, assetUnusable, signatureRefused } from './asset-faults.ts';
import { type AssetLock, type LockedAsset, readLock, renderLock } from './asset-lock.ts';
import { whyNotSigned } from './authenticode.ts';
import { checkUki } from './check-uki.ts';
import { type DownloadPorts, download } from './download.ts';

export interface AssetSite extends AssetWish {
  readonly factory: string;
  /** Path of `rackwright.lock`. */
  readonly lockPath: string;
  readonly cache: AssetCache;
  /** PEM of the certificate that UKIs have to be signed with; absent when signatures are not looked at. */
  readonly certificate?: string;
}

/** What is known of one asset. */
export interface AssetState {
  readonly asset: Asset;
  readonly locked: LockedAsset | undefined;
  readonly isCached: boolean;
}

export interface PulledAsset {
  readonly key: string;
  /** `present`: it was in the cache. `fetched`: as pinned. `pinned`: it was fetched first, and is in the lock from now on. */
  readonly outcome: 'present' | 'fetched' | 'pinned';
  readonly sizeBytes: number;
}

/** What a rack needs, what is pinned of it and what is here. Fault `pxe/lock-broken`. */
export async function listAssets(site: AssetSite, files: Pick<Files, 'readText'>): Promise<readonly AssetState[]> {
  const lock = await readLock(files, site.lockPath);
  return Promise.all(
    assetsOf(site).map(async (asset) => {
      const locked = lock[asset.key];
      return { asset, locked, isCached: locked !== undefined && (await site.cache.has(locked)) };
    }),
  );
}

/**
 * Brings what is missing into the cache, and pins what was never fetched before. What is in the cache already costs no
 * request. An asset counts when its length, its SHA-256 and, of a UKI, its content and signature are right; only then the
 * lock is written. Faults: `pxe/asset-*`, `pxe/signature-refused`, `pxe/lock-broken`.
 */
export async function pullAssets(
  site: AssetSite,
  ports: DownloadPorts & { readonly files: Pick<Files, 'open' | 'readText' | 'writeAtomically'> },
  onDone: (pulled: PulledAsset) => void = () => undefined,
): Promise<readonly PulledAsset[]> {
  const { cache, factory, lockPath } = site;
  await cache.prepare();
  const done: PulledAsset[] = [];
  for (const { asset, locked, isCached } of await listAssets(site, ports.files)) {
    const { key } = asset;
    let outcome: PulledAsset['outcome'] = 'present';
    let sizeBytes = locked?.sizeBytes ?? 0;
    if (!isCached) {
      const draft = cache.draftOf(key);
      await download(assetUrl(factory, key), draft, ports);
      const found = await hashOf(ports.files, draft);
      if (found === undefined) throw assetMissing({ asset: key, path: draft });
      try {
        if (found.sizeBytes === 0) throw assetUnusable({ asset: key, why: 'it is empty' });
        if (locked !== undefined && locked.sha256 !== found.sha256) {
          throw assetChanged({ asset: key, pinned: locked.sha256, found: found.sha256 });
        }
        await checkAsset(asset, draft, site, ports.files);
      } catch (thrown) {
        await ports.largeFiles.remove(draft);
        throw thrown;
      }
      await cache.keep(draft, found.sha256);
      outcome = locked === undefined ? 'pinned' : 'fetched';
      ({ sizeBytes } = found);
      if (locked === undefined) await pin({ [key]: { ...found, from: factory } }, lockPath, ports.files);
    }
    const pulled = { key, outcome, sizeBytes };
    done.push(pulled);
    onDone(pulled);
  }
  return done;
}

/**
 * Reads every pinned asset of a rack from the cache again: its SHA-256, and of a UKI content and signature. Needs no
 * network. Faults as of {@link pullAssets}; the first that is found.
 */
export async function verifyAssets(
  site: AssetSite,
  files: Pick<Files, 'open' | 'readText'>,
): Promise<readonly PulledAsset[]> {
  const verified: PulledAsset[] = [];
  for (const { asset, locked } of await listAssets(site, files)) {
    const path = await site.cache.verify(asset.key, locked);
    await checkAsset(asset, path, site, files);
    verified.push({ key: asset.key, outcome: 'present', sizeBytes: locked?.sizeBytes ?? 0 });
  }
  return verified;
}

/** More pins, in the file as it is now. */
export async function pin(
  more: AssetLock,
  lockPath: string,
  files: Pick<Files, 'readText' | 'writeAtomically'>,
): Promise<void> {
  const lock = await readLock(files, lockPath);
  await files.writeAtomically(lockPath, renderLock({ ...lock, ...more }), 0o644);
}

async function checkAsset(asset: Asset, path: string, site: AssetSite, files: Pick<Files, 'open'>): Promise<void> {
  if (asset.kind !== 'uki') return;
  const file = await files.open(path);
  if (file === undefined) throw assetMissing({ asset: asset.key, path });
  try {
    const { image } = await checkUki(file, {
      asset: asset.key,
      version: site.version,
      architecture: asset.architecture,
    });
    if (site.certificate === undefined) return;
    const why = await whyNotSigned(file, image, site.certificate);
    if (why !== undefined) throw signatureRefused({ asset: asset.key, why });
  } finally {
    await file.close();
  }
}
