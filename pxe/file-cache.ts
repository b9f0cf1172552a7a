import type { Files, ReadableFile } from '../core/ports.ts';

/** Read from the disk at once, by whoever needs a byte of it first. */
const pieceBytes = 4 * 1024 * 1024;

/** Given to a connection at once. With whole pieces on ten connections the processor's cache holds nothing of any: a tenth more time. */
const chunkBytes = 1024 * 1024;

interface Cached {
  readonly revision: string;
  readonly pieces: Map<number, Promise<Uint8Array>>;
}

/**
 * Boot files in memory: a rack that powers on reads each piece from the disk once, over TFTP and HTTP together, and a byte
 * costs no copy. The piece behind the one that is asked for is read too, so that a disk that is faster than the
 * client is waited for once. A file whose content changed is read anew. Pieces that were not used for longest go first when there are
 * more than `capacityBytes`; files without a revision are passed through.
 */
export class FileCache implements Pick<Files, 'open'> {
  readonly #files: Pick<Files, 'open'>;
  readonly #capacityPieces: number;
  readonly #cached = new Map<string, Cached>();
  readonly #used = new Map<Promise<Uint8Array>, () => void>();

  constructor(files: Pick<Files, 'open'>, capacityBytes = 1024 * 1024 * 1024) {
    this.#files = files;
    this.#capacityPieces = Math.max(1, Math.floor(capacityBytes / pieceBytes));
  }

  async open(path: string): Promise<ReadableFile | undefined> {
    const file = await this.#files.open(path);
    if (file?.revision === undefined) return file;
    const { sizeBytes, revision } = file;
    let cached = this.#cached.get(path);
    if (cached?.revision !== revision) {
      this.#forget(path);
      cached = { revision, pieces: new Map() };
      this.#cached.set(path, cached);
    }
    const { pieces } = cached;
    /** The read of another transfer may have ended with that transfer: then we read ourselves. */
    const pieceAt = (index: number) => {
      const piece = this.#piece(file, pieces, index).catch(() => this.#piece(file, pieces, index));
      const isNextAbsent = (index + 1) * pieceBytes < sizeBytes && !pieces.has(index + 1);
      if (isNextAbsent && this.#capacityPieces > 1) void this.#piece(file, pieces, index + 1).catch(() => undefined);
      return piece;
    };
    const part = async (at: number, end: number) => {
      const start = at % pieceBytes;
      return (await pieceAt(Math.floor(at / pieceBytes))).subarray(
        start,
        start + Math.min(end - at, pieceBytes - start),
      );
    };
    async function* stream(startBytes: number, endBytes: number) {
      for (let at = startBytes; at < Math.min(endBytes, sizeBytes); ) {
        const chunk = await part(at, Math.min(at + chunkBytes, endBytes));
        if (chunk.length === 0) return;
        yield chunk;
        at += chunk.length;
      }
    }
    return {
      sizeBytes,
      revision,
      stream,
      read: async (offsetBytes, lengthBytes) => {
        const end = Math.min(offsetBytes + lengthBytes, sizeBytes);
        if (offsetBytes >= end) return new Uint8Array();
        const first = await part(offsetBytes, end);
        if (first.length === end - offsetBytes) return first;
        return Buffer.concat(await Array.fromAsync(stream(offsetBytes, end)));
      },
      close: () => file.close(),
    };
  }

  #piece(file: ReadableFile, pieces: Cached['pieces'], index: number): Promise<Uint8Array> {
    const known = pieces.get(index);
    if (known !== undefined) {
      const forget = this.#used.get(known);
      if (forget !== undefined && this.#used.delete(known)) this.#used.set(known, forget);
      return known;
    }
    const piece = file.read(index * pieceBytes, pieceBytes);
    const forget = () => {
      this.#used.delete(piece);
      if (pieces.get(index) === piece) pieces.delete(index);
    };
    pieces.set(index, piece);
    this.#used.set(piece, forget);
    // A read that failed is tried again by the next who asks; who asked now hears of it.
    piece.catch(forget);
    if (this.#used.size > this.#capacityPieces) for (const oldest of [...this.#used.values()].slice(0, 1)) oldest();
    return piece;
  }

  #forget(path: string): void {
    for (const piece of this.#cached.get(path)?.pieces.values() ?? []) this.#used.delete(piece);
    this.#cached.delete(path);
  }
}
