import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

export type Architecture = 'amd64' | 'arm64';

const cache = join(import.meta.dirname, '.cache');
const ready = new Map<Architecture, Promise<Record<string, string>>>();

/**
 * Folder with the content of a Debian package, downloaded from the machine's own Debian mirror once and kept. Packages of
 * another architecture are not installed, only looked into: apt is given lists of its own for them.
 */
export async function debianPackage(name: string, architecture: Architecture): Promise<string> {
  const folder = join(cache, architecture, name);
  if ((await namesIn(folder)).length > 0) return folder;
  const env = await aptFor(architecture);
  const work = join(cache, architecture, `${name}.unpacking`);
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'content'), { recursive: true });
  await runCommand('apt-get', ['download', name], work, env);
  const archive = (await readdir(work)).find((one) => one.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt-get download ${name} left no package`);
  await runCommand('dpkg-deb', ['--extract', archive, 'content'], work);
  await rename(join(work, 'content'), folder);
  await rm(work, { recursive: true });
  return folder;
}

/** Path of a Debian cloud kernel. */
export async function linuxKernel(architecture: Architecture): Promise<string> {
  const boot = join(await linuxImage(architecture), 'boot');
  const kernel = (await readdir(boot)).find((name) => name.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error(`${boot} holds no kernel`);
  return join(boot, kernel);
}

/** Modules of that kernel by name; those that it was built with are not among them. */
export async function linuxModules(
  architecture: Architecture,
  names: readonly string[],
): Promise<readonly (readonly [name: string, path: string])[]> {
  const folder = join(await linuxImage(architecture), 'lib', 'modules');
  const all = await readdir(folder, { recursive: true });
  return names.flatMap((name) => {
    const path = all.find((one) => one.endsWith(`/${name}.ko`));
    return path === undefined ? [] : [[name, join(folder, path)] as const];
  });
}

/** Folder with the content of the package of that kernel. */
async function linuxImage(architecture: Architecture): Promise<string> {
  const env = await aptFor(architecture);
  const folder = join(cache, architecture);
  const kept = (await namesIn(folder)).find((name) => name.startsWith('linux-image-') && !name.includes('.unpacking'));
  let image = kept;
  if (image === undefined) {
    const relations = await runCommand('apt-cache', ['depends', `linux-image-cloud-${architecture}`], undefined, env);
    image = /Depends: (linux-image-\S+)/.exec(relations)?.[1];
    if (image === undefined) throw new Error(`linux-image-cloud-${architecture} depends on no image:\n${relations}`);
  }
  return debianPackage(image, architecture);
}

/** The environment in which apt knows the packages of an architecture. */
function aptFor(architecture: Architecture): Promise<Record<string, string>> {
  const known = ready.get(architecture) ?? prepareApt(architecture);
  ready.set(architecture, known);
  return known;
}

async function prepareApt(architecture: Architecture): Promise<Record<string, string>> {
  const own = (await runCommand('dpkg', ['--print-architecture'])).trim();
  if (own === architecture) return {};
  const folder = join(cache, architecture, 'apt');
  const env = { APT_CONFIG: join(folder, 'apt.conf') };
  if ((await namesIn(join(folder, 'lists'))).some((name) => name.endsWith('_Packages'))) return env;
  for (const place of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(folder, place), { recursive: true });
  await writeFile(
    env.APT_CONFIG,
    [
      `Dir::State::Lists "${folder}/lists";`,
      `Dir::Cache "${folder}/cache";`,
      `APT::Architecture "${architecture}";`,
      `APT::Architectures { "${architecture}"; };`,
      // What is downloaded is looked at by this user alone.
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Acquire::GzipIndexes "false";',
      '',
    ].join('\n'),
  );
  await runCommand('apt-get', ['update', '-qq'], undefined, env);
  return env;
}

const namesIn = (folder: string) => readdir(folder).catch((): string[] => []);
