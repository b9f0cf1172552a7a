import { Writable } from 'node:stream';

/**
 * A terminal that keeps what a person would see: it moves its cursor and erases as the escape sequences say. One that
 * it does not know is an error, because a screen nobody can read back proves nothing.
 */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  /** Everything as it was written. */
  raw = '';
  /** The widest that a line ever was, wrapped or not. */
  widest = 0;
  readonly #lines: string[] = [''];
  readonly #watchers: { readonly pattern: RegExp; readonly seen: () => void }[] = [];
  #row = 0;
  #column = 0;

  constructor({ columns = 80, rows = 24 }: { columns?: number; rows?: number } = {}) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  /** What is on the terminal and in its history, without the blank lines at the end. */
  get text(): string {
    return this.#lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Resolves as soon as the terminal shows something like this. */
  async shows(pattern: RegExp): Promise<void> {
    if (pattern.test(this.text)) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#watchers.push({ pattern, seen: () => resolve(undefined) });
    await promise;
  }

  override _write(text: string, _encoding: string, written: () => void): void {
    this.raw += text;
    for (const [piece] of text.matchAll(/\x1b\[[?<>=]?[\d;]*[A-Za-z]|\n|\r|[^\x1b\n\r]+/gu)) this.#obey(piece);
    for (const { seen } of this.#watchers.filter(({ pattern }) => pattern.test(this.text))) seen();
    written();
  }

  #obey(piece: string): void {
    if (piece === '\n') {
      this.#row += 1;
      this.#column = 0;
      if (this.#row === this.#lines.length) this.#lines.push('');
    } else if (piece === '\r') this.#column = 0;
    else if (piece.startsWith('\x1b')) this.#control(piece);
    else this.#print(piece);
  }

  #print(text: string): void {
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + text + line.slice(this.#column + text.length);
    this.#column += text.length;
    this.widest = Math.max(this.widest, this.#column);
  }

  #control(sequence: string): void {
    const parameters = sequence.slice(2, -1);
    const number = parameters === '' ? 1 : Number(parameters);
    const line = this.#lines[this.#row] ?? '';
    switch (sequence.at(-1)) {
      case 'A':
        this.#row = Math.max(0, this.#row - number);
        break;
      case 'B':
        this.#row = Math.min(this.#lines.length - 1, this.#row + number);
        break;
      case 'C':
        this.#column += number;
        break;
      case 'E':
        this.#row = Math.min(this.#lines.length - 1, this.#row + number);
        this.#column = 0;
        break;
      case 'G':
        this.#column = number - 1;
        break;
      case 'J':
        this.#lines.length = this.#row + 1;
        this.#lines[this.#row] = line.slice(0, this.#column);
        break;
      case 'K':
        this.#lines[this.#row] = parameters === '2' ? '' : line.slice(0, this.#column);
        break;
      case 'h':
      case 'l':
      case 'm':
        break;
      default:
        throw new Error(`the fake terminal does not know ${JSON.stringify(sequence)}`);
    }
  }
}
