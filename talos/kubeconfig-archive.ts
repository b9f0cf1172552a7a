import { gunzipSync } from 'node:zlib';

const blockBytes = 512;

/**
 * The kubeconfig in the archive that Talos sends: a gzip of a tar (POSIX ustar) with one file. Talos never closes the
 * tar, so padding and end blocks are missing and readers of whole archives refuse it. `undefined` when there is none.
 */
export function extractKubeconfig(archive: Uint8Array): string | undefined {
  const tar = inflate(archive);
  if (tar === undefined || tar.length < blockBytes) return undefined;
  // Field `size`: 12 bytes at offset 124, octal, ended by NUL or space.
  const size = /^[0-7]+/.exec(tar.toString('latin1', 124, 136).trimStart());
  if (size === null) return undefined;
  const end = blockBytes + Number.parseInt(size[0], 8);
  return end > tar.length ? undefined : tar.toString('utf8', blockBytes, end);
}

/** A kubeconfig is some kilobytes: what claims to be far more is not one. */
const mostBytes = 4 * 1024 * 1024;

function inflate(archive: Uint8Array): Buffer | undefined {
  try {
    return gunzipSync(archive, { maxOutputLength: mostBytes });
  } catch {
    return undefined;
  }
}
