import { dirname } from 'node:path';
import { fileFailed, pathWrong } from './platform-faults.ts';
import { errorCodeOf, reasonOf } from './system-error.ts';

/** What to do about a path that can be no file, by the code of the system. */
const remedies: Readonly<Record<string, (path: string) => string>> = {
  EISDIR: (path) => `Name a file; ${path} is a folder.`,
  EEXIST: (path) => `Name a folder; ${path} is a file.`,
  ENOTDIR: (path) => `Name another place: a part of ${dirname(path)} is a file and no folder.`,
  ENOENT: (path) => `Make the folder ${dirname(path)} first, or name another place.`,
};

/**
 * What the effect gives. Faults, with the path and what was to be done (`written`, `read`): `platform/path-wrong` for one that
 * can be no file, `platform/file-failed` for all else.
 */
export async function tryFile<T>(path: string, verb: string, effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (cause) {
    const remedy = remedies[errorCodeOf(cause) ?? '']?.(path);
    if (remedy !== undefined) throw pathWrong({ path, verb, reason: reasonOf(cause), remedy }, { cause });
    throw fileFailed({ path, verb, reason: reasonOf(cause) }, { cause });
  }
}

/** The same for a log, which was made when the run began: that its place is gone is no wrong input. Fault `platform/file-failed`. */
export async function tryLog<T>(path: string, verb: string, effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (cause) {
    throw fileFailed({ path, verb, reason: reasonOf(cause) }, { cause });
  }
}
