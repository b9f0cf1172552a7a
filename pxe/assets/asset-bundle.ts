import type { Files, LargeFiles, ReadableFile } from '../../core/ports.ts';
import { type AssetCache, hashOf } from './asset-cache.ts';
import { assetChanged, bundleBroken, bundleMissing } from './asset-faults.ts';
import { type AssetLock, lockFileName, parseLock, renderLock } from './asset-lock.ts';
import { pin } from './pull-assets.ts';
import { decodeTarHeader, encodeTarHeader, tarBlockBytes, tarPadding } from './tar-header.ts';

type BundlePorts = {
  readonly files: Pick<Files, 'open' | 'readText' | 'writeAtomically'>;
  readonly largeFiles: LargeFiles;
};

/** A lock is small. */
const lockLimitBytes = 1024 * 1024;

/**
 * Everything of a lock in one file: a tar archive with the lock first and the contents behind it, each under its SHA-256.
 * It takes the place of an older bundle only when it is whole. Fault `pxe/asset-missing`.
 */
export async function exportBundle(
  { path, lock, cache }: { path: string; lock: AssetLock; cache: AssetCache },
  { files, largeFiles }: BundlePorts,
): Promise<void> {
  const draft = `${path}.draft`;
  await largeFiles.remove(draft);
  const archive = await largeFiles.append(draft);
  try {
    const text = new TextEncoder().encode(renderLock(lock));
    await archive.write(encodeTarHeader({ name: lockFileName, sizeBytes: text.length }));
    await archive.write(text);
    await archive.write(new Uint8Array(tarPadding(text.length)));
    const contents = new Map(Object.entries(lock).map(([key, locked]) => [locked.sha256, { key, locked }]));
    for (const [sha256, { key, locked }] of contents) {
      const file = await files.open(await cache.require(key, locked));
      if (file === undefined) continue;
      try {
        await archive.write(encodeTarHeader({ name: `sha256/${sha256}`, sizeBytes: file.sizeBytes }));
        for await (const chunk of file.stream(0, file.sizeBytes)) await archive.write(chunk);
        await archive.write(new Uint8Array(tarPadding(file.sizeBytes)));
      } finally {
        await file.close();
      }
    }
    await archive.write(new Uint8Array(2 * tarBlockBytes));
  } finally {
    await archive.close();
  }
  await largeFiles.rename(draft, path);
}

/**
 * Puts what a bundle holds into the cache, and its pins into the lock. A pin that the lock has already must be the same.
 * Every content is hashed. Faults: `pxe/bundle-broken`, `pxe/asset-changed`, `pxe/lock-broken`.
 */
export async function importBundle(
  { path, lock, lockPath, cache }: { path: string; lock: AssetLock; lockPath: string; cache: AssetCache },
  { files, largeFiles }: BundlePorts,
): Promise<AssetLock> {
  const bundle = await files.open(path);
  if (bundle === undefined) throw bundleMissing({ path });
  await cache.prepare();
  try {
    let brought: AssetLock | undefined;
    const here = new Set<string>();
    for await (const { name, offsetBytes, sizeBytes } of membersOf(bundle, path)) {
      if (brought === undefined) {
        if (name !== lockFileName || sizeBytes > lockLimitBytes) {
          throw bundleBroken({ path, why: `it does not begin with ${lockFileName}` });
        }
        brought = parseLock(new TextDecoder().decode(await bundle.read(offsetBytes, sizeBytes)), path);
        refuseOtherPins(brought, lock);
        continue;
      }
      const sha256 = /^sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
      if (sha256 === undefined) throw bundleBroken({ path, why: `it holds ${JSON.stringify(name)}` });
      const draft = cache.draftOf(`bundle_${sha256}`);
      await largeFiles.remove(draft);
      const file = await largeFiles.append(draft);
      try {
        for await (const chunk of bundle.stream(offsetBytes, offsetBytes + sizeBytes)) await file.write(chunk);
      } finally {
        await file.close();
      }
      const found = await hashOf(files, draft);
      if (found?.sha256 !== sha256) {
        await largeFiles.remove(draft);
        throw bundleBroken({ path, why: `${name} has another content than its name says` });
      }
      await cache.keep(draft, sha256);
      here.add(sha256);
    }
    const missing = Object.entries(brought ?? {}).find(([, { sha256 }]) => !here.has(sha256));
    if (brought === undefined || missing !== undefined) {
      throw bundleBroken({ path, why: missing === undefined ? 'it is empty' : `it lacks ${missing[0]}` });
    }
    await pin(brought, lockPath, files);
    return brought;
  } finally {
    await bundle.close();
  }
}

function refuseOtherPins(brought: AssetLock, lock: AssetLock): void {
  for (const [key, { sha256 }] of Object.entries(brought)) {
    const pinned = lock[key]?.sha256;
    if (pinned !== undefined && pinned !== sha256) throw assetChanged({ asset: key, pinned, found: sha256 });
  }
}

async function* membersOf(file: ReadableFile, path: string) {
  for (let at = 0; ; ) {
    const header = decodeTarHeader(await file.read(at, tarBlockBytes));
    if (header === 'end') return;
    if (header === undefined) throw bundleBroken({ path, why: `there is no tar header at byte ${at}` });
    const offsetBytes = at + tarBlockBytes;
    at = offsetBytes + header.sizeBytes + tarPadding(header.sizeBytes);
    if (at > file.sizeBytes) throw bundleBroken({ path, why: `it ends within ${header.name}` });
    yield { ...header, offsetBytes };
  }
}
