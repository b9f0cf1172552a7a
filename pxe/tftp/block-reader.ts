import type { ReadableFile } from '../../core/ports.ts';

/** Read at once, so that a lock-step client does not cost a read of the disk for each block. */
const readAheadBytes = 256 * 1024;

/** Gives the blocks of a file in order, out of one larger piece that is read ahead. */
export class BlockReader {
  readonly #file: ReadableFile;
  readonly #blockSize: number;
  #start = 0;
  #piece: Uint8Array = new Uint8Array();

  constructor(file: ReadableFile, blockSize: number) {
    this.#file = file;
    this.#blockSize = blockSize;
  }

  /** The data of a block (counted from 1) when it is at hand; else `load` has to fetch it. */
  take(block: number): Uint8Array | undefined {
    const from = (block - 1) * this.#blockSize;
    const to = Math.min(from + this.#blockSize, this.#file.sizeBytes);
    if (from < this.#start || to > this.#start + this.#piece.length) return undefined;
    return this.#piece.subarray(from - this.#start, to - this.#start);
  }

  /** Reads from this block on. Rejects when the file is shorter than it was when opened. */
  async load(block: number): Promise<void> {
    const from = (block - 1) * this.#blockSize;
    const length = Math.min(Math.max(readAheadBytes, this.#blockSize), this.#file.sizeBytes - from);
    const piece = await this.#file.read(from, length);
    if (piece.length < length) throw new RangeError('the file became shorter while it was sent');
    this.#start = from;
    this.#piece = piece;
  }
}
