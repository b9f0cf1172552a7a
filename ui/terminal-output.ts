import { Writable } from 'node:stream';
import type { ScreenSize } from './screen-rows.ts';
import type { OutputStream, Sink } from './sink.ts';

const usualSize: ScreenSize = { columns: 80, rows: 24 };

/**
 * The terminal as Ink gets it. It always knows its size: a serial line says 0×0, and Ink would then start programs to
 * find out, before every frame. It never errs: a terminal that was hung up takes what is written and forgets it.
 */
export class TerminalOutput extends Writable {
  readonly isTTY = true;
  readonly #stream: OutputStream;
  readonly #sink: Sink;
  readonly #fixed: Partial<ScreenSize>;
  readonly #onResize = () => this.emit('resize');

  constructor(stream: OutputStream, sink: Sink, fixed: Partial<ScreenSize>) {
    super({ decodeStrings: false });
    this.#stream = stream;
    this.#sink = sink;
    this.#fixed = fixed;
    stream.on('resize', this.#onResize);
  }

  get columns(): number {
    return this.#fixed.columns ?? orUsual(this.#stream.columns, usualSize.columns);
  }

  get rows(): number {
    return this.#fixed.rows ?? orUsual(this.#stream.rows, usualSize.rows);
  }

  override _write(text: string, _encoding: string, written: () => void): void {
    this.#sink.write(text);
    written();
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.#stream.off('resize', this.#onResize);
    destroyed(error);
  }
}

const orUsual = (size: number | undefined, usual: number): number => (size === undefined || size < 1 ? usual : size);
