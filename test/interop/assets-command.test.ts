import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeWorld } from '../../bin/node-world.ts';
import { runCli } from '../../bin/run-cli.ts';
import { peImage } from '../../pxe/assets/pe.fixture.ts';
import { renderDemoRackFile } from '../lab/render-demo-rack-file.ts';
import { SimFactory } from '../lab/sim-factory.ts';

const schematic = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
let directory: string;
let factory: SimFactory;
let keys: readonly [string, string];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-assets-command-'));
  factory = await SimFactory.start('127.103.0.2');
  const ports = { dhcp: 1, proxyDhcp: 2, tftp: 3, http: 4 };
  const text = renderDemoRackFile({ ukiPath: 'talos.efi', fluxManifestPath: 'flux.yaml', ports });
  await writeFile(join(directory, 'rack.yaml'), text);
  const version = /version: (v1\.\d+\.\d+)/.exec(text)?.[1] ?? '';
  keys = [`${schematic}/${version}/metal-amd64-uki.efi`, `${schematic}/${version}/cmdline-metal-amd64`];
  const osRelease = `ID=talos\nVERSION_ID=${version}\n`;
  factory.images.set(keys[0], peImage({ '.osrel': osRelease, '.cmdline': 'a=b', '.linux': 'k', '.initrd': 'i' }));
  factory.images.set(keys[1], new TextEncoder().encode('a=b\n'));
});

afterEach(async () => {
  await factory.close();
  await rm(directory, { recursive: true, force: true });
});

describe('rackwright assets', () => {
  it('shows what it would fetch, fetches it, and finds it as pinned', async () => {
    const dry = await cli('pull', '--dry-run');
    expect([dry.code, factory.requests]).toEqual([2, []]);
    expect(dry.out).toContain(keys[0]);
    expect((await cli('pull')).code).toBe(0);
    expect(await cli('pull')).toMatchObject({ code: 0, out: 'Everything is in the cache.\n' });
    expect((await cli('verify')).out).toBe(keys.map((key) => `${key} is as pinned\n`).join(''));
    const { items } = JSON.parse((await cli('list', '-o', 'json')).out) as { items: object[] };
    expect(items).toMatchObject(keys.map((key) => ({ key, isCached: true, from: factory.url })));
    expect((await cli('list', '-o', 'name')).out).toBe(keys.map((key) => `${key}\n`).join(''));
    expect((await cli('list')).out).toMatch(/metal-amd64-uki\.efi +v1\.\d+\.\d+ +[0-9a-f]{12} +\d+ bytes/);
  });

  it('carries everything to a machine that reaches no factory', async () => {
    await cli('pull');
    expect((await cli('export', 'rack.bundle')).code).toBe(0);
    await factory.close();
    await rm(join(directory, 'cache'), { recursive: true });
    await rm(join(directory, 'rackwright.lock'));
    expect(await cli('verify')).toMatchObject({
      code: 4,
      err: expect.stringContaining('is not in the cache') as string,
    });
    expect((await cli('import', 'rack.bundle')).code).toBe(0);
    expect((await cli('verify')).code).toBe(0);
    expect((await cli('pull')).code).toBe(0);
    factory = await SimFactory.start('127.103.0.2');
  });

  it('ends with 3 and an unchanged lock when the factory has other bytes under the same name', async () => {
    await cli('pull');
    const lock = await readFile(join(directory, 'rackwright.lock'), 'utf8');
    await rm(join(directory, 'cache'), { recursive: true });
    factory.images.set(keys[1], new TextEncoder().encode('a=c\n'));
    expect(await cli('pull')).toMatchObject({ code: 3, err: expect.stringContaining('rackwright.lock') as string });
    expect(await readFile(join(directory, 'rackwright.lock'), 'utf8')).toBe(lock);
  });
});

function cli(verb: string, ...args: readonly string[]) {
  const [bundle] = verb === 'export' || verb === 'import' ? args : [];
  const rest = bundle === undefined ? args : args.slice(1);
  const places = ['--cache', join(directory, 'cache'), '--factory', factoryUrl(), '--arch', 'amd64'];
  return run(['assets', verb, 'rack.yaml', ...(bundle === undefined ? [] : [bundle]), ...rest, ...places]);
}

/** Where nobody listens any more when the factory is closed. */
function factoryUrl(): string {
  try {
    return factory.url;
  } catch {
    return 'http://127.103.0.2:1';
  }
}

async function run(argv: readonly string[]) {
  const said = { out: '', err: '' };
  const collect = (to: 'out' | 'err') =>
    new Writable({
      write: (chunk: Buffer, _, done) => {
        said[to] += chunk.toString();
        done();
      },
    });
  const world = { ...nodeWorld, workingDirectory: directory, out: collect('out'), err: collect('err') };
  const code = await runCli(argv, world);
  return { code, ...said };
}
