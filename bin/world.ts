import type { Clock, Files, Network, Random } from '../core/ports.ts';
import type { FaceOptions } from '../ui/index.ts';

/** Everything outside of the program that a command may touch. Tests put a wall, a clock or a crash of their own in. */
export interface World {
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly out: FaceOptions['out'];
  readonly err: FaceOptions['err'];
  readonly input: FaceOptions['input'];
  /** Only one process works in a directory; fault `platform/held-by-another`. */
  lock(directory: string): Promise<{ release(): Promise<void> }>;
  /** Calls back for each request of the operator to leave (Ctrl-C); gives the way to stop listening. */
  onInterrupt(callback: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): never;
}
