import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeLargeFiles } from '../../bin/platform/large-files.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { exportBundle, importBundle } from './asset-bundle.ts';
import { AssetCache, hashOf } from './asset-cache.ts';
import { type AssetLock, readLock } from './asset-lock.ts';
import { decodeTarHeader, encodeTarHeader } from './tar-header.ts';

const ports = { files: nodeFiles, largeFiles: nodeLargeFiles };
const key = (name: string) => `abc/v1.13.9/${name}`;

let directory: string;
let cache: AssetCache;
let lock: AssetLock;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-bundle-'));
  path = join(directory, 'rack.bundle');
  cache = new AssetCache(join(directory, 'cache'), ports);
  await cache.prepare();
  const pins: Record<string, AssetLock[string]> = {};
  for (const [name, content] of [
    ['uki.efi', Buffer.alloc(300_000, 'uki')],
    ['cmdline', Buffer.from('talos.platform=metal')],
    ['block', Buffer.alloc(512, 'b')],
  ] as const) {
    const draft = cache.draftOf(name);
    await writeFile(draft, content);
    const found = await hashOf(nodeFiles, draft);
    if (found === undefined) throw new Error('the draft is gone');
    await cache.keep(draft, found.sha256);
    pins[key(name)] = { ...found, from: 'https://factory.example' };
  }
  lock = pins;
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a bundle', () => {
  it('carries lock and contents to a place without a network', async () => {
    await exportBundle({ path, lock, cache }, ports);
    const there = new AssetCache(join(directory, 'there'), ports);
    const lockPath = join(directory, 'there.lock');
    await importBundle({ path, lock: {}, lockPath, cache: there }, ports);
    expect(await readLock(nodeFiles, lockPath)).toEqual(lock);
    for (const [name, locked] of Object.entries(lock)) {
      expect(await readFile(await there.require(name, locked))).toEqual(await readFile(cache.pathOf(locked.sha256)));
    }
  });

  it('is a tar archive for everybody else', async () => {
    await exportBundle({ path, lock, cache }, ports);
    const { stdout } = await promisify(execFile)('tar', ['--list', '--verbose', '--file', path]);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/\s+/));
    expect(rows.map((row) => row.at(-1))).toEqual([
      'rackwright.lock',
      ...Object.values(lock).map(({ sha256 }) => `sha256/${sha256}`),
    ]);
    expect(rows.slice(1).map((row) => Number(row[2]))).toEqual([300_000, 20, 512]);
  });

  it('that is not there is said not to be', async () => {
    const lockPath = join(directory, 'other.lock');
    await expect(importBundle({ path: join(directory, 'none'), lock, lockPath, cache }, ports)).rejects.toMatchObject({
      code: 'pxe/bundle-missing',
      exitCode: 4,
      message: `There is no bundle ${join(directory, 'none')}`,
    });
  });

  it('is not made of what is not there', async () => {
    const [first] = Object.values(lock);
    await rm(cache.pathOf(first?.sha256 ?? ''));
    await expect(exportBundle({ path, lock, cache }, ports)).rejects.toMatchObject({ code: 'pxe/asset-missing' });
    expect(await nodeFiles.open(path)).toBeUndefined();
  });

  it('is refused when a byte of it has changed, or its end is gone, and then pins nothing', async () => {
    await exportBundle({ path, lock, cache }, ports);
    const whole = await readFile(path);
    const lockPath = join(directory, 'there.lock');
    const bring = () =>
      importBundle({ path, lock: {}, lockPath, cache: new AssetCache(join(directory, 'there'), ports) }, ports);
    const changed = Buffer.from(whole);
    changed[200_000] = 1;
    for (const bytes of [
      changed,
      whole.subarray(0, 200_000),
      whole.subarray(0, 302_000),
      Buffer.alloc(2048),
      Buffer.alloc(0),
    ]) {
      await writeFile(path, bytes);
      await expect(bring()).rejects.toMatchObject({ code: 'pxe/bundle-broken' });
    }
    expect(await readLock(nodeFiles, lockPath)).toEqual({});
  });

  it('does not change a pin', async () => {
    await exportBundle({ path, lock, cache }, ports);
    const mine: AssetLock = { [key('uki.efi')]: { sha256: 'f'.repeat(64), sizeBytes: 1, from: '' } };
    const lockPath = join(directory, 'there.lock');
    await expect(importBundle({ path, lock: mine, lockPath, cache }, ports)).rejects.toMatchObject({
      code: 'pxe/asset-changed',
    });
  });
});

describe('decodeTarHeader', () => {
  it('answers any block, and reads what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 600 }), (bytes) => {
        expect(() => decodeTarHeader(bytes)).not.toThrow();
      }),
    );
    const member = { name: 'sha256/abc', sizeBytes: 7 * 1024 ** 3 };
    expect(decodeTarHeader(encodeTarHeader(member))).toEqual(member);
  });
});
