import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeLargeFiles } from '../../bin/platform/large-files.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { openHttp } from '../../bin/platform/open-http.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import { SimFactory } from '../../test/lab/sim-factory.ts';
import { emptySchematic } from './asset.ts';
import { AssetCache } from './asset-cache.ts';
import { readLock } from './asset-lock.ts';
import { peImage } from './pe.fixture.ts';
import { type AssetSite, listAssets, pullAssets, verifyAssets } from './pull-assets.ts';
import { registerSchematic } from './register-schematic.ts';

const version = 'v1.13.9';
const ukiKey = `${emptySchematic}/${version}/metal-amd64-uki.efi`;
const cmdlineKey = `${emptySchematic}/${version}/cmdline-metal-amd64`;
const talosUki = (change: { version?: string; machine?: number; without?: string } = {}) => {
  const sections: Record<string, Uint8Array | string> = {
    '.osrel': `NAME="Talos"\nID=talos\nVERSION_ID=${change.version ?? version}\n`,
    '.cmdline': 'talos.platform=metal console=tty0',
    '.initrd': new Uint8Array(60_000).fill(1),
    '.linux': new Uint8Array(3_000_000).fill(2),
  };
  return peImage(
    Object.fromEntries(Object.entries(sections).filter(([name]) => name !== change.without)),
    change.machine === undefined ? {} : { machine: change.machine },
  );
};

let directory: string;
let factory: SimFactory;
let site: AssetSite;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-assets-'));
  factory = await SimFactory.start('127.103.0.1');
  factory.images.set(ukiKey, talosUki());
  factory.images.set(cmdlineKey, new TextEncoder().encode('talos.platform=metal console=tty0\n'));
  site = {
    schematic: emptySchematic,
    version,
    architectures: ['amd64'],
    secureBoot: false,
    factory: factory.url,
    lockPath: join(directory, 'rackwright.lock'),
    cache: new AssetCache(join(directory, 'cache'), { files: nodeFiles, largeFiles: nodeLargeFiles }),
  };
});

afterEach(async () => {
  await factory.close();
  await rm(directory, { recursive: true, force: true });
});

describe('pullAssets', () => {
  it('pins at the first time, asks for nothing at the second, and boots without the factory', async () => {
    expect((await pull()).map(({ outcome }) => outcome)).toEqual(['pinned', 'pinned']);
    const asked = factory.requests.length;
    await factory.close();
    expect((await pull()).map(({ outcome }) => outcome)).toEqual(['present', 'present']);
    expect(factory.requests).toHaveLength(asked);
    const [state] = await listAssets(site, nodeFiles);
    const path = await site.cache.require(ukiKey, state?.locked);
    expect(new Uint8Array(await readFile(path))).toEqual(talosUki());
    expect((await verifyAssets(site, nodeFiles)).map(({ key }) => key)).toEqual([ukiKey, cmdlineKey]);
    factory = await SimFactory.start('127.103.0.1');
  });

  it('fetches as pinned when the cache is gone', async () => {
    await pull();
    await rm(site.cache.directory, { recursive: true });
    await expect(verifyAssets(site, nodeFiles)).rejects.toMatchObject({ code: 'pxe/asset-missing', exitCode: 4 });
    expect((await pull()).map(({ outcome }) => outcome)).toEqual(['fetched', 'fetched']);
  });

  it('goes on where a cut connection left it, also in a later run', async () => {
    // What the cut itself swallows is less than what arrived before.
    const cut = { kind: 'cut', afterBytes: 1_000_000 } as const;
    factory.trouble(ukiKey, cut, { kind: 'status', status: 503 });
    await pull();
    const [whole, first = 0, second] = offsets();
    expect([whole, second]).toEqual([undefined, first]);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(cut.afterBytes);
    expect((await lock())[ukiKey]).toEqual({ ...digestOf(talosUki()), from: factory.url });

    await rm(join(directory, 'cache'), { recursive: true });
    factory.requests.length = 0;
    const down = { kind: 'status', status: 503 } as const;
    factory.trouble(ukiKey, cut, down, down, down, down);
    await expect(pull()).rejects.toMatchObject({ code: 'pxe/asset-unreachable', kind: 'environment' });
    await pull();
    expect(offsets().at(-1)).toBe(offsets()[1]);
    expect((await lock())[ukiKey]).toMatchObject(digestOf(talosUki()));
  });

  it('begins anew when the file has changed since the part was fetched', async () => {
    factory.trouble(ukiKey, ...[1, 2, 3, 4, 5].map(() => ({ kind: 'cut', afterBytes: 500_000 }) as const));
    await expect(pull()).rejects.toMatchObject({ code: 'pxe/asset-unreachable' });
    const other = talosUki();
    other[other.length - 1] = 9;
    factory.images.set(ukiKey, other);
    await pull();
    expect((await lock())[ukiKey]?.sha256).toBe(sha256Of(other));
  });

  it.each([
    ['more bytes than there are', 100_000_000],
    ['fewer bytes than there are', 5000],
  ])('does not believe a length that promises %s', async (_, contentLength) => {
    const lie = { kind: 'wrong-length', contentLength } as const;
    factory.trouble(ukiKey, lie);
    await pull().catch(() => undefined);
    const pinned = (await lock())[ukiKey];
    // Either it was seen through and fetched again, or it was refused; never a part is taken for the whole.
    expect(pinned === undefined || pinned.sha256 === sha256Of(talosUki())).toBe(true);
    if (contentLength > 5000) expect(pinned).toBeDefined();
  });

  it('refuses other bytes than the pinned ones, and leaves lock and cache as they were', async () => {
    await pull();
    const before = await readFile(site.lockPath, 'utf8');
    await rm(join(directory, 'cache'), { recursive: true });
    factory.images.set(ukiKey, talosUki({ version: 'v1.13.9 ' }));
    await expect(pull()).rejects.toMatchObject({ code: 'pxe/asset-changed', exitCode: 3 });
    expect(await readFile(site.lockPath, 'utf8')).toBe(before);
    expect(await readdir(join(directory, 'cache', 'sha256'))).toEqual([]);
    expect(await readdir(join(directory, 'cache', 'partial'))).toEqual([]);
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(), 'it is empty'],
    ['a page of a proxy', new TextEncoder().encode('<html>'.repeat(99)), 'it is no EFI program'],
    ['another version', talosUki({ version: 'v1.13.8' }), 'it is Talos v1.13.8, not v1.13.9 (.osrel)'],
    ['another architecture', talosUki({ machine: 0xaa64 }), 'it is for arm64, not for amd64'],
    ['an image without a kernel', talosUki({ without: '.linux' }), 'no kernel and initrd'],
    ['an image without a command line', talosUki({ without: '.cmdline' }), 'no kernel command line'],
    [
      'another system',
      peImage({ '.osrel': 'ID=debian', '.linux': 'k', '.initrd': 'i', '.cmdline': 'c' }),
      'holds debian',
    ],
  ])('pins no UKI that is %s', async (_, content, why) => {
    factory.images.set(ukiKey, content);
    await expect(pull()).rejects.toMatchObject({
      code: 'pxe/asset-unusable',
      message: expect.stringContaining(why) as string,
    });
    expect(await lock()).toEqual({});
  });

  it('says what the factory says, at once', async () => {
    factory.images.delete(ukiKey);
    await expect(pull()).rejects.toMatchObject({
      code: 'pxe/asset-refused',
      message: expect.stringContaining('no image') as string,
    });
    expect(factory.requests).toHaveLength(1);
  });

  it('refuses an unsigned UKI where a certificate is pinned', async () => {
    const certificate = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';
    await expect(pull({ ...site, certificate })).rejects.toMatchObject({
      code: 'pxe/signature-refused',
      message: expect.stringContaining('it has no signature') as string,
    });
  });

  it('finds a byte that went bad in the cache', async () => {
    await pull();
    const { sha256 = '' } = (await lock())[ukiKey] ?? {};
    const bad = talosUki();
    bad[bad.length - 1] = 7;
    await writeFile(site.cache.pathOf(sha256), bad);
    await expect(verifyAssets(site, nodeFiles)).rejects.toMatchObject({ code: 'pxe/asset-changed' });
  });

  it.each([
    ['{', 'it is not JSON'],
    ['{"lockVersion":2,"assets":{}}', 'lockVersion'],
    ['{"lockVersion":1,"assets":{"../../etc/passwd":{"sha256":"","sizeBytes":1,"from":""}}}', 'assets'],
  ])('refuses the lock %s', async (text, why) => {
    await writeFile(site.lockPath, text);
    await expect(pull()).rejects.toMatchObject({
      code: 'pxe/lock-broken',
      message: expect.stringContaining(why) as string,
    });
  });
});

describe('registerSchematic', () => {
  const text = 'customization: {}\n';
  const signal = new AbortController().signal;

  it('makes the factory know the schematic under the id that was computed', async () => {
    await registerSchematic({ factory: site.factory, id: emptySchematic, text }, openHttp, signal);
    expect(factory.schematics.get(emptySchematic)).toBe(text);
  });

  it('refuses another id', async () => {
    const id = 'f'.repeat(64);
    await expect(registerSchematic({ factory: site.factory, id, text }, openHttp, signal)).rejects.toMatchObject({
      code: 'pxe/schematic-differs',
      message: expect.stringContaining(emptySchematic) as string,
    });
  });
});

function pull(what: AssetSite = site) {
  return pullAssets(what, {
    openHttp,
    files: nodeFiles,
    largeFiles: nodeLargeFiles,
    clock: new VirtualClock(),
    signal: new AbortController().signal,
  });
}

const lock = () => readLock(nodeFiles, site.lockPath);
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const digestOf = (bytes: Uint8Array) => ({ sha256: sha256Of(bytes), sizeBytes: bytes.length });

/** From which byte on the UKI was asked for, request by request; `undefined` for all of it. */
function offsets(): (number | undefined)[] {
  return factory.requests
    .filter((line) => line.includes(ukiKey))
    .map((line) => {
      const start = /bytes=(\d+)-/.exec(line)?.[1];
      return start === undefined ? undefined : Number(start);
    });
}
