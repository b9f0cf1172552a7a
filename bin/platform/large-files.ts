import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LargeFiles } from '../../core/ports.ts';
import { fileFailed } from './platform-faults.ts';
import { reasonOf } from './system-error.ts';

/** The machine's files, written piece by piece. Whatever the system refuses is the fault `platform/file-failed`. */
export const nodeLargeFiles: LargeFiles = {
  append: (path) =>
    attempt(path, 'written', async () => {
      const handle = await open(path, 'a', 0o644);
      const { size } = await handle.stat();
      return {
        sizeBytes: size,
        write: (bytes) =>
          attempt(path, 'written', async () => {
            for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
          }),
        close: () =>
          attempt(path, 'written', async () => {
            try {
              await handle.sync();
            } finally {
              await handle.close();
            }
          }),
      };
    }),

  rename: (from, to) =>
    attempt(to, 'written', async () => {
      await rename(from, to);
      const folder = await open(dirname(to), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    }),

  remove: (path) => attempt(path, 'removed', () => rm(path, { force: true })),
};

async function attempt<T>(path: string, verb: string, effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (cause) {
    throw fileFailed({ path, verb, reason: reasonOf(cause) }, { cause });
  }
}
