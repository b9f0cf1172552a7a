import { parse } from 'yaml';

/** What one machine shows at a time is far less. */
const generationSize = 500;
const longestKept = 4096;

/**
 * Specs of one connection's resources, parsed. A machine that is read again and again mostly says the same, and YAML is
 * what a reading costs most: each text is parsed once, and forgotten when two generations of others were read since. It
 * is gone with the connection, and so is what a sensitive resource told.
 */
export class SpecCache {
  #young = new Map<string, unknown>();
  #old = new Map<string, unknown>();

  /** The YAML as a value that nobody can change, since several resources share it. Throws when it is none. */
  parse(text: string): unknown {
    if (this.#young.has(text)) return this.#young.get(text);
    const parsed = this.#old.has(text) ? this.#old.get(text) : freeze(parse(text, { logLevel: 'error' }) as unknown);
    if (text.length > longestKept) return parsed;
    if (this.#young.size >= generationSize) [this.#young, this.#old] = [new Map<string, unknown>(), this.#young];
    this.#young.set(text, parsed);
    return parsed;
  }
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const inside of Object.values(value)) freeze(inside);
  return Object.freeze(value);
}
