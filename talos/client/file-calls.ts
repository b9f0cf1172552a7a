import type { CallOptions } from '../call-end.ts';
import { ContainerDriver } from '../gen/common/common_pb.ts';
import { ListRequest_Type as FileType } from '../gen/machine/file_pb.ts';
import { MachineService } from '../gen/machine/machine_pb.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { openServerStream } from '../grpc-stream.ts';

export interface FileEntry {
  readonly path: string;
  /** Seen from the root of the listing. */
  readonly relativePath: string;
  readonly sizeBytes: bigint;
  /** Unix permission bits. */
  readonly permissions: number;
  readonly isDirectory: boolean;
  /** Where a symbolic link points. */
  readonly linksTo?: string;
  /** Why this entry could not be looked at; the others are not concerned. */
  readonly error?: string;
}

export interface ListFilesRequest {
  readonly root: string;
  /** How deep below the root; only what is in it when left out. */
  readonly depth?: number;
  readonly types?: readonly (keyof typeof FileType)[];
}

export interface LogsRequest {
  /** `etcd`, `kubelet`, `apid`, … */
  readonly service: string;
  /** The last lines; all that is kept when left out. */
  readonly lastLines?: number;
  /** Goes on until the caller leaves. Then no deadline counts: a quiet service is not a broken one. */
  readonly follow?: boolean;
}

type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

/** What is on the machine, in pieces that are cut anywhere. Complete only when the loop ends without a fault. */
export interface FileCalls {
  dmesg(request?: { follow?: boolean; onlyNew?: boolean }, options?: CallOptions): Pieces;
  logs(request: LogsRequest, options?: CallOptions): Pieces;
  readFile(path: string, options?: CallOptions): Pieces;
  listFiles(request: ListFilesRequest, options?: CallOptions): AsyncGenerator<FileEntry, void, undefined>;
  /** A gzip of a tar archive of everything below the path. */
  copyOut(path: string, options?: CallOptions): Pieces;
}

export function fileCalls(channel: GrpcChannel): FileCalls {
  const machine = MachineService.method;
  return {
    dmesg: ({ follow = false, onlyNew = false } = {}, options) =>
      piecesOf(openServerStream(channel, machine.dmesg, { follow, tail: onlyNew }, { ...options, isEndless: follow })),
    logs({ service, lastLines = -1, follow = false }, options) {
      const request = {
        namespace: 'system',
        id: service,
        driver: ContainerDriver.CONTAINERD,
        follow,
        tailLines: lastLines,
      };
      return piecesOf(openServerStream(channel, machine.logs, request, { ...options, isEndless: follow }));
    },
    readFile: (path, options) => piecesOf(openServerStream(channel, machine.read, { path }, options)),
    copyOut: (rootPath, options) => piecesOf(openServerStream(channel, machine.copy, { rootPath }, options)),
    async *listFiles({ root, depth, types = [] }, options) {
      const request = {
        root,
        recurse: depth !== undefined,
        recursionDepth: depth ?? 0,
        types: types.map((type) => FileType[type]),
      };
      for await (const entry of openServerStream(channel, machine.list, request, options)) {
        yield {
          path: entry.name,
          relativePath: entry.relativeName,
          sizeBytes: entry.size,
          permissions: entry.mode & 0o777,
          isDirectory: entry.isDir,
          ...(entry.link === '' ? {} : { linksTo: entry.link }),
          ...(entry.error === '' ? {} : { error: entry.error }),
        };
      }
    },
  };
}

async function* piecesOf(messages: AsyncIterable<{ bytes: Uint8Array }>): Pieces {
  for await (const { bytes } of messages) {
    if (bytes.length > 0) yield bytes;
  }
}
