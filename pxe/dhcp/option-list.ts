import type { DhcpOptions } from './dhcp-options.ts';

/**
 * Options in their order, each code once. Honest messages have few, so that looking through them all costs less than a
 * hash of each; no message has more than 254. Those of a datagram stay where they are until somebody wants one.
 */
export class OptionList implements DhcpOptions {
  readonly #source: Uint8Array;
  readonly #codes: number[] = [];
  readonly #values: (Uint8Array | undefined)[] = [];
  /** Where in the source a value begins and ends that nobody wanted yet. */
  readonly #places: number[] = [];

  constructor(source: Uint8Array = nothing) {
    this.#source = source;
  }

  get(code: number): Uint8Array | undefined {
    const at = this.#codes.indexOf(code);
    return at < 0 ? undefined : this.#valueAt(at);
  }

  has(code: number): boolean {
    return this.#codes.includes(code);
  }

  /** A code that is there already keeps its place. */
  set(code: number, value: Uint8Array): void {
    const at = this.#codes.indexOf(code);
    if (at < 0) this.#push(code, value, 0, 0);
    else this.#values[at] = value;
  }

  /** An option that was not there, with its bytes from `start` to `end` of the source. */
  addFrom(code: number, start: number, end: number): void {
    this.#push(code, undefined, start, end);
  }

  delete(code: number): void {
    const at = this.#codes.indexOf(code);
    if (at < 0) return;
    this.#codes.splice(at, 1);
    this.#values.splice(at, 1);
    this.#places.splice(2 * at, 2);
  }

  forEach(each: (value: Uint8Array, code: number) => void): void {
    for (let at = 0; at < this.#codes.length; at += 1) each(this.#valueAt(at), this.#codes[at] ?? 0);
  }

  *[Symbol.iterator](): Generator<readonly [code: number, value: Uint8Array]> {
    for (const [at, code] of this.#codes.entries()) yield [code, this.#valueAt(at)];
  }

  #push(code: number, value: Uint8Array | undefined, start: number, end: number): void {
    this.#codes.push(code);
    this.#values.push(value);
    this.#places.push(start, end);
  }

  #valueAt(at: number): Uint8Array {
    const known = this.#values[at];
    if (known !== undefined) return known;
    const value = this.#source.subarray(this.#places[2 * at], this.#places[2 * at + 1]);
    this.#values[at] = value;
    return value;
  }
}

const nothing = new Uint8Array();
