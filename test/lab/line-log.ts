import type { MessageQueue } from './message-queue.ts';

/** Lines that somebody may read from the beginning, or from now on. */
export class LineLog {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  write(line: string): void {
    this.#lines.push(line);
    for (const listener of this.#listeners) listener(line);
  }

  /** The last of what was written so far; negative: all of it. */
  last(count: number): readonly string[] {
    return count < 0 ? this.#lines : this.#lines.slice(this.#lines.length - Math.min(count, this.#lines.length));
  }

  /** Puts every further line into the queue until the returned function is called. */
  follow(queue: MessageQueue<string>): () => void {
    const listener = (line: string) => queue.put(line);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
