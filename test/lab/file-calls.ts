import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { ListRequest_Type as FileType } from '../../talos/gen/machine/file_pb.ts';
import type { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import { tarHeader } from './admin-kubeconfig.ts';
import { filesOf } from './node-files.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** Go's mark of a directory, beside the permission bits. */
const goDirectory = 0x8000_0000;

/** What is on the node, as far as somebody looks there. */
export function fileCalls(node: TalosNode): Pick<TalosHandlers<typeof MachineService>, 'list' | 'read' | 'copy'> {
  return {
    async *list({ root, recurse, recursionDepth, types }) {
      const deepest = recurse ? (recursionDepth === 0 ? Number.POSITIVE_INFINITY : recursionDepth) : 1;
      const files = filesOf(node);
      const from = root === '' || root === '/' ? '' : root.replace(/\/+$/, '');
      if (from !== '' && !files.has(from)) throw missing(root);
      const inside = (path: string) => path === from || path.startsWith(`${from}/`);
      for (const [path, file] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
        const relativeName = path === from ? '.' : path.slice(from.length + 1);
        const depth = path === from ? 0 : relativeName.split('/').length;
        if (!inside(path) || depth > deepest) continue;
        const isDir = file === 'directory';
        if (types.length > 0 && !types.includes(isDir ? FileType.DIRECTORY : FileType.REGULAR)) continue;
        yield {
          name: path === '' ? '/' : path,
          relativeName,
          isDir,
          size: BigInt(isDir ? 0 : file.length),
          mode: isDir ? (goDirectory | 0o755) >>> 0 : 0o644,
          modified: BigInt(Math.floor(node.host.clock.now().getTime() / 1000)),
        };
      }
    },

    async *read({ path }) {
      const file = filesOf(node).get(path);
      if (file === undefined) throw missing(path);
      if (file === 'directory') throw new Refusal(status.UNKNOWN, 'path must be a regular file');
      yield* pieces(file);
    },

    async *copy({ rootPath }) {
      const files = filesOf(node);
      if (!files.has(rootPath)) throw missing(rootPath);
      const found = [...files].filter(([path]) => path === rootPath || path.startsWith(`${rootPath}/`));
      const blocks = found.flatMap(([path, file]) =>
        file === 'directory' ? [] : [tarHeader(path.slice(rootPath.length + 1) || path, file.length), padded(file)],
      );
      yield* pieces(gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
    },
  };
}

const missing = (path: string) => new Refusal(status.UNKNOWN, `lstat ${path}: no such file or directory`);

const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

/** A binary stream as Talos sends it: cut anywhere. */
export async function* pieces(bytes: Uint8Array): AsyncGenerator<{ bytes: Uint8Array }, void> {
  for (let start = 0; start < bytes.length; start += 32_768) yield { bytes: bytes.subarray(start, start + 32_768) };
}
