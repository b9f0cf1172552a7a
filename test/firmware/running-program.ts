import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside the test, and what it has printed so far. */
export class RunningProgram {
  readonly #child: ChildProcess;
  #printed = '';
  #isOver = false;
  readonly #listeners = new Set<() => void>();

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const take = (chunk: Buffer) => {
      this.#printed += chunk.toString('latin1');
      this.#tell();
    };
    this.#child.stdout?.on('data', take);
    this.#child.stderr?.on('data', take);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('error', (error) => take(Buffer.from(`${error.message}\n`)));
    this.#child.on('close', () => {
      this.#isOver = true;
      this.#tell();
    });
  }

  get printed(): string {
    return this.#printed;
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** What `find` makes of the output, as soon as it makes something; rejects with the last output when it never does. */
  until<T>(what: string, withinMillis: number, find: (printed: string) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const fail = (why: string) => {
        leave();
        reject(new Error(`${what}: ${why}; it printed:\n${this.#printed.slice(-4000)}`));
      };
      const look = () => {
        const found = find(this.#printed);
        if (found !== undefined) {
          leave();
          resolve(found);
        } else if (this.#isOver) {
          fail('the program ended');
        }
      };
      const timer = setTimeout(() => fail(`not within ${withinMillis} ms`), withinMillis);
      this.#listeners.add(look);
      look();
    });
  }

  /** Ends it, by force if need be. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    const over = once(this.#child, 'close');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    this.#child.kill('SIGTERM');
    await over;
    clearTimeout(force);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
