import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Files, ReadableFile } from '../../core/ports.ts';
import { errorCodeOf } from './system-error.ts';
import { tryFile, tryLog } from './try-file.ts';

/** Read from the disk at once while a file is streamed. */
const streamChunkBytes = 256 * 1024;

/** Each write is on the disk when it ends (open(2), O_DSYNC): one way to the system and back instead of two. */
const appendDurably = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC;

/** The machine's files. Whatever the system refuses is the fault `platform/file-failed`. */
export const nodeFiles: Files = {
  readText: (path) => tryFile(path, 'read', () => unlessMissing(() => readFile(path, 'utf8'))),

  open: (path) =>
    tryFile(path, 'read', () =>
      unlessMissing(async () => {
        const handle = await open(path, 'r');
        const { size, ino, mtimeNs } = await handle.stat({ bigint: true });
        return readableFile(handle, Number(size), [ino, size, mtimeNs].map((one) => one.toString(36)).join('-'));
      }),
    ),

  mode: (path) => tryFile(path, 'looked at', () => unlessMissing(async () => (await stat(path)).mode & 0o777)),

  makeDirectory: (path, mode) =>
    tryFile(path, 'made', async () => {
      const first = await mkdir(path, { recursive: true, mode });
      if (first !== undefined) await chmod(path, mode);
    }),

  appendDurably: (path, text) =>
    tryLog(path, 'written', async () => {
      const isNew = (await unlessMissing(() => stat(path))) === undefined;
      const handle = await open(path, 'a', 0o600);
      try {
        await handle.appendFile(text);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      if (isNew) await flushDirectory(dirname(path));
    }),

  openAppend: (path) =>
    tryFile(path, 'written', async () => {
      const isNew = (await unlessMissing(() => stat(path))) === undefined;
      const handle = await open(path, appendDurably, 0o600);
      if (isNew) await flushDirectory(dirname(path));
      return {
        appendDurably: (text) => tryLog(path, 'written', () => handle.appendFile(text)),
        close: () => handle.close(),
      };
    }),

  writeAtomically: (path, content, mode) =>
    tryFile(path, 'written', async () => {
      const draft = `${path}.${randomUUID()}.draft`;
      const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        try {
          await handle.chmod(mode);
          await handle.writeFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(draft, path);
      } catch (thrown) {
        await rm(draft, { force: true });
        throw thrown;
      }
      await flushDirectory(dirname(path));
    }),

  truncate: (path, sizeBytes) =>
    tryLog(path, 'cut', async () => {
      const handle = await open(path, 'r+');
      try {
        await handle.truncate(sizeBytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    }),
};

function readableFile(handle: FileHandle, sizeBytes: number, revision: string): ReadableFile {
  const read = async (offsetBytes: number, lengthBytes: number) => {
    const bytes = new Uint8Array(lengthBytes);
    let filled = 0;
    while (filled < lengthBytes) {
      const { bytesRead } = await handle.read(bytes, filled, lengthBytes - filled, offsetBytes + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  };
  return {
    sizeBytes,
    revision,
    read,
    async *stream(startBytes, endBytes) {
      for (let at = startBytes; at < endBytes; ) {
        const chunk = await read(at, Math.min(streamChunkBytes, endBytes - at));
        if (chunk.length === 0) return;
        yield chunk;
        at += chunk.length;
      }
    },
    close: () => handle.close(),
  };
}

/** A new name in a directory survives a power cut only when the directory is flushed too. */
async function flushDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessMissing<T>(effect: () => Promise<T>): Promise<T | undefined> {
  try {
    return await effect();
  } catch (thrown) {
    if (errorCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}
