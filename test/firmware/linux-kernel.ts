import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

const cache = join(import.meta.dirname, '.cache');

/** Path of a Debian cloud kernel for amd64. It is downloaded from the machine's own Debian mirror once and kept. */
export async function linuxKernel(): Promise<string> {
  await mkdir(cache, { recursive: true });
  const kept = (await readdir(cache)).find((name) => name.startsWith('vmlinuz-'));
  if (kept !== undefined) return join(cache, kept);
  const relations = await runCommand('apt-cache', ['depends', 'linux-image-cloud-amd64']);
  const image = /Depends: (linux-image-\S+)/.exec(relations)?.[1];
  if (image === undefined) throw new Error(`linux-image-cloud-amd64 depends on no image:\n${relations}`);
  const work = join(cache, 'unpacked');
  await rm(work, { recursive: true, force: true });
  await mkdir(work);
  await runCommand('apt-get', ['download', image], work);
  const archive = (await readdir(work)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt-get download ${image} left no package`);
  await runCommand('dpkg-deb', ['--extract', archive, '.'], work);
  const kernel = (await readdir(join(work, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error(`${archive} holds no kernel`);
  await rename(join(work, 'boot', kernel), join(cache, kernel));
  await rm(work, { recursive: true });
  return join(cache, kernel);
}
