import { dirname, resolve } from 'node:path';
import { loadRackFile, type RackFile, rackFileMissing } from '../installer/index.ts';
import { assetCacheOf } from './cache-paths.ts';
import { identityPathOf, stateDirectoryOf } from './state-paths.ts';
import type { World } from './world.ts';

/** A rack file, and where what belongs to its rack is kept. */
export interface RackPlace {
  readonly rackFile: RackFile;
  /** Folder of the rack file. */
  readonly directory: string;
  readonly stateDirectory: string;
  readonly identityPath: string;
  /** Where fetched images are kept, for all racks. */
  readonly cacheDirectory: string;
}

/** Reads the rack file at a path as typed, with the files of its patches. Faults: `installer/rack-file-missing`, `installer/rack-file-invalid`. */
export async function readRackPlace(
  path: string,
  flags: { readonly state?: string },
  { files, env, workingDirectory }: Pick<World, 'files' | 'env' | 'workingDirectory'>,
): Promise<RackPlace> {
  const file = resolve(workingDirectory, path);
  const text = await files.readText(file);
  if (text === undefined) throw rackFileMissing({ file: path });
  const directory = dirname(file);
  const rackFile = await loadRackFile({ file: path, text, directory }, files);
  return {
    rackFile,
    directory,
    stateDirectory: resolve(workingDirectory, flags.state ?? stateDirectoryOf(rackFile.spec.name, env)),
    identityPath: identityPathOf(env),
    cacheDirectory: assetCacheOf(env),
  };
}
