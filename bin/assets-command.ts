import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { defineFault, type ExitCode } from '../core/fault.ts';
import { type RackAssets, rackAssets } from '../installer/index.ts';
import {
  AssetCache,
  type AssetState,
  emptySchematic,
  exportBundle,
  findLoaders,
  importBundle,
  listAssets,
  pullAssets,
  readLock,
  registerSchematic,
  verifyAssets,
} from '../pxe/index.ts';
import { renderTable } from '../ui/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { collect } from './parse-options.ts';
import { lookOf, printLines } from './print-lines.ts';
import { readRackPlace } from './read-rack-place.ts';
import type { World } from './world.ts';

interface AssetFlags {
  readonly factory?: string;
  readonly certificate?: string;
  readonly arch?: readonly string[];
  readonly cache?: string;
  readonly ipxe?: string;
  readonly dryRun?: boolean;
  readonly output?: 'table' | 'wide' | 'json' | 'yaml' | 'name';
}

const certificateMissing = defineFault<{ path: string }>('bin/certificate-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `The certificate ${path} is not there`,
  state: () => 'Nothing was fetched.',
  remedy: () =>
    'Fetch it once from FACTORY/secureboot/signing-cert.pem, look at it, and keep it in git beside the rack file.',
});

/** `rackwright assets pull|list|verify|export|import`: what machines boot from, fetched, pinned and carried. */
export const addAssetsCommand: AddCommand = (program, { world, end }) => {
  const assets = program.command('assets').description('The images that machines boot from: fetch, pin, check, carry.');
  const verb = (name: string, description: string): Command =>
    assets
      .command(name)
      .description(description)
      .argument('<rack-file>', 'the rack file')
      .option(
        '--arch <architecture>',
        'amd64 or arm64 (repeatable); those of the rack file when left out',
        collectArchitecture,
      )
      .option('--factory <url>', 'Image Factory; that of the rack file when left out')
      .option('--certificate <file>', 'PEM of the certificate that UKIs must be signed with')
      .option('--cache <directory>', 'where fetched images are kept');
  const run = (work: () => Promise<ExitCode>) => answer(world, work).then(end);

  verb('pull', 'Fetches what is missing, and pins in rackwright.lock what was never fetched before.')
    .option('--dry-run', 'show what would be fetched; exit code 2 when there is something')
    .action((path: string, flags: AssetFlags) => run(() => pull(path, flags, world)));
  verb('list', 'What the rack needs, what is pinned and what is here; and the iPXE programs of this machine.')
    .option('--ipxe <directory>', 'where to look for iPXE first')
    .addOption(
      new Option('-o, --output <format>', 'how to show it')
        .choices(['table', 'wide', 'json', 'yaml', 'name'])
        .default('table'),
    )
    .action((path: string, flags: AssetFlags) => run(() => list(path, flags, world)));
  verb('verify', 'Reads every pinned image again: length, SHA-256, version and signature.').action(
    (path: string, flags: AssetFlags) =>
      run(async () => {
        const { site } = await placeOf(path, flags, world);
        for (const { key } of await verifyAssets(site, world.files)) printLines(world, [`${key} is as pinned`]);
        return 0;
      }),
  );
  verb('export', 'Writes all that is pinned into one file, for a place without a network.')
    .argument('<bundle>', 'the file to write')
    .action((path: string, bundle: string, flags: AssetFlags) =>
      run(async () => {
        const { site } = await placeOf(path, flags, world);
        const lock = await readLock(world.files, site.lockPath);
        // Whoever carries it away has to have all of it.
        for (const { asset } of await listAssets(site, world.files))
          await site.cache.require(asset.key, lock[asset.key]);
        await exportBundle({ path: resolve(world.workingDirectory, bundle), lock, cache: site.cache }, world);
        printLines(world, [`${bundle} has ${Object.keys(lock).length} images and their pins`]);
        return 0;
      }),
    );
  verb('import', 'Takes a bundle into the cache, and its pins into rackwright.lock.')
    .argument('<bundle>', 'the file to read')
    .action((path: string, bundle: string, flags: AssetFlags) =>
      run(async () => {
        const { site } = await placeOf(path, flags, world);
        const { lockPath, cache } = site;
        const lock = await readLock(world.files, lockPath);
        const from = resolve(world.workingDirectory, bundle);
        const brought = await importBundle({ path: from, lock, lockPath, cache }, world);
        printLines(world, [`${Object.keys(brought).length} images of ${bundle} are in the cache and pinned`]);
        return 0;
      }),
    );
};

async function placeOf(path: string, flags: AssetFlags, world: World): Promise<RackAssets> {
  const { rackFile, directory, cacheDirectory } = await readRackPlace(path, {}, world);
  const { spec } = rackFile;
  const typed = flags.certificate === undefined ? undefined : resolve(world.workingDirectory, flags.certificate);
  const kept = spec.boot.assets?.certificate;
  const certificatePath = typed ?? (kept === undefined ? undefined : resolve(directory, kept));
  const certificate = certificatePath === undefined ? undefined : await readCertificate(certificatePath, world);
  const folder = flags.cache === undefined ? cacheDirectory : resolve(world.workingDirectory, flags.cache);
  const cache = new AssetCache(folder, world);
  const { site, schematicText } = rackAssets({ spec, directory, cache, certificate });
  const architectures = (['amd64', 'arm64'] as const).filter((one) => flags.arch?.includes(one));
  return {
    schematicText,
    site: {
      ...site,
      ...(flags.arch === undefined ? {} : { architectures }),
      ...(flags.factory === undefined ? {} : { factory: flags.factory }),
    },
  };
}

async function readCertificate(path: string, { files }: World): Promise<string> {
  const text = await files.readText(path);
  if (text === undefined) throw certificateMissing({ path });
  return text;
}

async function pull(path: string, flags: AssetFlags, world: World): Promise<ExitCode> {
  const { site, schematicText } = await placeOf(path, flags, world);
  const missing = (await listAssets(site, world.files)).filter(({ isCached }) => !isCached);
  if (missing.length === 0) {
    printLines(world, ['Everything is in the cache.']);
    return 0;
  }
  printLines(world, [
    `From ${site.factory} into ${site.cache.directory}:`,
    ...missing.map(
      ({ asset, locked }) => `  ${asset.key} ${locked === undefined ? '(pinned when it has come)' : '(as pinned)'}`,
    ),
  ]);
  if (flags.dryRun === true) return 2;
  const leaving = new AbortController();
  const forget = world.onInterrupt(() => leaving.abort());
  try {
    const id = site.schematic;
    if (schematicText !== undefined && id !== emptySchematic) {
      await registerSchematic({ factory: site.factory, id, text: schematicText }, world.openHttp, leaving.signal);
    }
    await pullAssets(site, { ...world, signal: leaving.signal }, ({ key, outcome, sizeBytes }) => {
      if (outcome !== 'present') printLines(world, [`${key} ${outcome}, ${sizeBytes} bytes`]);
    });
    return 0;
  } finally {
    forget();
  }
}

async function list(path: string, flags: AssetFlags, world: World): Promise<ExitCode> {
  const { site } = await placeOf(path, flags, world);
  const states = await listAssets(site, world.files);
  const loaders = await findLoaders(world.files, flags.ipxe);
  if (flags.output === 'name') {
    world.out.write(states.map(({ asset }) => `${asset.key}\n`).join(''));
    return 0;
  }
  if (flags.output === 'json' || flags.output === 'yaml') {
    const items = states.map(({ asset, locked, isCached }) => ({ ...asset, ...locked, isCached }));
    const value = { apiVersion: 'rackwright.dev/v1alpha1', kind: 'AssetList', items, loaders };
    world.out.write(flags.output === 'yaml' ? stringify(value) : `${JSON.stringify(value, undefined, 2)}\n`);
    return 0;
  }
  const isWide = flags.output === 'wide';
  const rows = states.map((state) => [
    isWide ? state.asset.key : (state.asset.key.split('/').at(-1) ?? ''),
    site.version,
    state.locked === undefined ? 'not pinned' : state.locked.sha256.slice(0, isWide ? 64 : 12),
    whereOf(state),
  ]);
  printLines(world, renderTable(['IMAGE', 'TALOS', 'SHA-256', 'CACHE'], rows, lookOf(world)));
  if (loaders.length > 0) {
    const found = loaders.map(({ name, path: at, version = '?', features }) => [
      name,
      version,
      features.join(' ') || '?',
      at,
    ]);
    printLines(world, ['', ...renderTable(['IPXE', 'VERSION', 'FEATURES', 'PATH'], found, lookOf(world))]);
  }
  return 0;
}

function collectArchitecture(value: string, values: readonly string[] = []): readonly string[] {
  if (value !== 'amd64' && value !== 'arm64') throw new InvalidArgumentError('allowed are amd64 and arm64');
  return collect(value, values);
}

const whereOf = ({ isCached, locked }: AssetState) => (isCached ? `${locked?.sizeBytes ?? 0} bytes` : 'missing');
