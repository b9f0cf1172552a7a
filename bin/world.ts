import type { JournalWriter } from '../core/journal.ts';
import type { AskHttp, Clock, Files, KnockUdp, LargeFiles, Network, OpenHttp, Random } from '../core/ports.ts';
import type { FaceOptions } from '../ui/index.ts';
import type { ReadHost } from './platform/read-host.ts';

/** Everything outside of the program that a command may touch. Tests put a wall, a clock or a crash of their own in. */
export interface World {
  readonly network: Network;
  /** This host, for the doctor. */
  readonly host: ReadHost;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  readonly askHttp: AskHttp;
  readonly knockUdp: KnockUdp;
  readonly openHttp: OpenHttp;
  readonly largeFiles: LargeFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly out: FaceOptions['out'];
  readonly err: FaceOptions['err'];
  readonly input: FaceOptions['input'];
  /** Only one process works in a directory; fault `platform/held-by-another`. */
  lock(directory: string): Promise<{ readonly writer: JournalWriter; release(): Promise<void> }>;
  /** The process that works in a directory; `undefined` when none does. */
  writerOf(directory: string): Promise<number | undefined>;
  /** Calls back for each request of the operator to leave (Ctrl-C); gives the way to stop listening. */
  onInterrupt(callback: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): never;
}
