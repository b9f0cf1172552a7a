import type { ReadableFile } from '../../core/ports.ts';
import type { Architecture } from '../client-architecture.ts';
import { assetUnusable } from './asset-faults.ts';
import { readUki, type Uki } from './read-uki.ts';

/**
 * The UKI in an open file, if it is the one that was asked for: Talos, of this version and architecture, with all that a
 * machine needs. Fault `pxe/asset-unusable`.
 */
export async function checkUki(
  file: ReadableFile,
  { asset, version, architecture }: { asset: string; version: string; architecture: Architecture },
): Promise<Uki> {
  const unusable = (why: string) => assetUnusable({ asset, why });
  if (file.sizeBytes === 0) throw unusable('it is empty');
  const uki = await readUki(file);
  if (uki === undefined) throw unusable('it is no EFI program');
  const { ID: id, VERSION_ID: found } = uki.osRelease;
  if (uki.linux === undefined || uki.initrd === undefined)
    throw unusable('it has no kernel and initrd (.linux, .initrd), or was cut');
  if (uki.commandLine === undefined) throw unusable('it has no kernel command line (.cmdline)');
  if (uki.architecture !== architecture) throw unusable(`it is for ${uki.architecture}, not for ${architecture}`);
  if (id !== 'talos') throw unusable(`it holds ${id ?? 'an unknown system'}, not Talos (.osrel)`);
  if (found !== version) throw unusable(`it is Talos ${found ?? 'without a version'}, not ${version} (.osrel)`);
  return uki;
}
