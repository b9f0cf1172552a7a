import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { AssetCache, assetsOf } from '../pxe/index.ts';
import { exampleSpec } from '../talos/testing/example-request.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { pinnedCommandLines, pinnedUkis, type RackAssets, rackAssets } from './asset-site.ts';

const spec = exampleSpec();
const text = 'talos.platform=metal console=tty0\n';
const sha256 = createHash('sha256').update(text).digest('hex');
const lockPath = '/rack/rackwright.lock';

let files: MemoryFiles;
const assets = (): RackAssets =>
  rackAssets({
    spec: { ...spec, boot: { ...spec.boot, assets: { architectures: ['amd64'] } } },
    directory: '/rack',
    cache: new AssetCache('/cache', {
      files,
      largeFiles: { rename: nothing, remove: nothing, append: nothing },
    }),
  });
const nothing = () => Promise.reject(new Error('nothing is written here'));

beforeEach(async () => {
  files = new MemoryFiles();
  const pins = assetsOf(assets().site).map(
    ({ key }) => [key, { sha256, sizeBytes: text.length, from: 'factory' }] as const,
  );
  await files.writeAtomically(lockPath, JSON.stringify({ lockVersion: 1, assets: Object.fromEntries(pins) }), 0o644);
  await files.writeAtomically(`/cache/sha256/${sha256}`, text, 0o644);
});

describe('what a rack boots from, in the cache', () => {
  it('is read as pinned, the kernel command line without the end of its line', async () => {
    expect(await pinnedCommandLines(assets(), files)).toEqual({ amd64: text.trim() });
    expect(await pinnedUkis(assets(), files)).toEqual({ amd64: `/cache/sha256/${sha256}` });
  });

  it('lets a rack boot without the text, since the UKI has it too, and not without the UKI', async () => {
    await files.writeAtomically(lockPath, '{"lockVersion":1,"assets":{}}', 0o644);
    expect(await pinnedCommandLines(assets(), files)).toEqual({});
    await expect(pinnedUkis(assets(), files)).rejects.toMatchObject({ code: 'pxe/asset-missing' });
  });

  it('refuses a command line of the right length that is another one', async () => {
    await files.writeAtomically(`/cache/sha256/${sha256}`, text.replace('metal', 'mettl'), 0o644);
    await expect(pinnedCommandLines(assets(), files)).rejects.toMatchObject({ code: 'pxe/asset-changed' });
  });
});
