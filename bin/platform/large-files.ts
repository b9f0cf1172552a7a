import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LargeFiles } from '../../core/ports.ts';
import { tryFile } from './try-file.ts';

/** The machine's files, written piece by piece. Whatever the system refuses is the fault `platform/file-failed`. */
export const nodeLargeFiles: LargeFiles = {
  append: (path) =>
    tryFile(path, 'written', async () => {
      const handle = await open(path, 'a', 0o644);
      const { size } = await handle.stat();
      return {
        sizeBytes: size,
        write: (bytes) =>
          tryFile(path, 'written', async () => {
            for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
          }),
        close: () =>
          tryFile(path, 'written', async () => {
            try {
              await handle.sync();
            } finally {
              await handle.close();
            }
          }),
      };
    }),

  rename: (from, to) =>
    tryFile(to, 'written', async () => {
      await rename(from, to);
      const folder = await open(dirname(to), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    }),

  remove: (path) => tryFile(path, 'removed', () => rm(path, { force: true })),
};
