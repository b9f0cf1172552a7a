import { createHash } from 'node:crypto';
import { compactEntries } from './compact-journal.ts';
import { firstHash, type JournalEntry, type JournalRecord, sealEntry } from './journal-entry.ts';
import { journalBroken, writerSuperseded } from './journal-faults.ts';
import type { Clock, Files } from './ports.ts';
import { readJournal } from './read-journal.ts';
import type { StepPast } from './step.ts';

export type { JournalEntry, JournalRecord } from './journal-entry.ts';

/** The right to write, which somebody else may have taken over without our noticing (a suspended process, a shared disk). */
export interface JournalWriter {
  /** Higher than that of everybody who wrote before. */
  fence(): number;
  /** False from the moment at which another one has taken over. */
  isCurrent(): Promise<boolean>;
  /** Makes the number at least this, where the journal knows of a higher one than the lock. */
  raise(atLeast: number): Promise<void>;
}

export interface JournalPorts {
  readonly files: Pick<Files, 'readText' | 'appendDurably' | 'truncate'>;
  readonly clock: Pick<Clock, 'now'>;
  /** For a dry run: the file is read and stays as it is; what is appended is known to this process alone. */
  readonly readOnly?: boolean;
  /** Left out where nobody else can write. */
  readonly writer?: JournalWriter;
}

/**
 * The append-only journal: one JSON object a line, each flushed before the effect that it announces and after the
 * observation that it records, each holding the hash of the one before it.
 */
export class Journal {
  readonly #entries: JournalEntry[];
  readonly #pasts = new Map<string, StepPast>();
  readonly #path: string;
  readonly #ports: JournalPorts;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(path: string, entries: readonly JournalEntry[], ports: JournalPorts) {
    this.#path = path;
    this.#entries = [...entries];
    this.#ports = ports;
    for (const { record } of entries) this.#learn(record);
  }

  /** Reads and verifies it; a half-written last line, left by a crash, is cut off. Fault `core/journal-broken`. */
  static async open(path: string, ports: JournalPorts): Promise<Journal> {
    const { files, readOnly = false, writer } = ports;
    const { entries, broken, hasTornEnd, wholeBytes } = readJournal((await files.readText(path)) ?? '');
    if (broken !== undefined) throw journalBroken({ path, ...broken });
    if (!readOnly) {
      const highest = entries.reduce((most, { fence = 0 }) => Math.max(most, fence), 0);
      if (writer !== undefined && writer.fence() <= highest) await writer.raise(highest + 1);
      if (hasTornEnd) await files.truncate(path, wholeBytes);
    }
    return new Journal(path, entries, ports);
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /**
   * Resolves when the record is on the disk and counts. Records of concurrent callers are written one after another.
   * Fault `core/writer-superseded`.
   */
  append(record: JournalRecord): Promise<void> {
    return this.#inTurn(async () => {
      const { files, clock, readOnly = false, writer } = this.#ports;
      const last = this.#entries.at(-1);
      const entry = sealEntry({
        seq: (last?.seq ?? 0) + 1,
        at: clock.now().toISOString(),
        record,
        prev: last?.hash ?? firstHash,
        ...(writer === undefined ? {} : { fence: writer.fence() }),
      });
      if (!readOnly) {
        await this.#ensureCurrent();
        await files.appendDurably(this.#path, `${JSON.stringify(entry)}\n`);
        // Asked again, since whoever took over meanwhile has not read this line, which is void then.
        await this.#ensureCurrent();
      }
      this.#entries.push(entry);
      this.#learn(record);
    });
  }

  /**
   * Replaces all entries by one that keeps what still counts, and moves the old text to a file of its own first. Gives that
   * file's path, `undefined` when there is nothing to gain.
   */
  async compact(files: Pick<Files, 'readText' | 'writeAtomically'>): Promise<string | undefined> {
    let archive: string | undefined;
    await this.#inTurn(async () => {
      const checkpoint = compactEntries(
        this.#entries,
        this.#ports.clock.now().toISOString(),
        this.#ports.writer?.fence(),
      );
      if (checkpoint?.record.type !== 'journal.compacted') return;
      const { kept } = checkpoint.record;
      if (kept.length + 1 >= this.#entries.length) return;
      const text = (await files.readText(this.#path)) ?? '';
      archive = this.#path.replace(/(\.jsonl)?$/, `-until-${checkpoint.seq - 1}$1`);
      await files.writeAtomically(archive, text, 0o600);
      await this.#ensureCurrent();
      // Whoever took over since may have written already, and would lose that.
      if ((await files.readText(this.#path)) !== text) throw writerSuperseded({ path: this.#path });
      await files.writeAtomically(this.#path, `${JSON.stringify(checkpoint)}\n`, 0o600);
      await this.#ensureCurrent();
      this.#entries.splice(0, Infinity, ...kept, checkpoint);
    });
    return archive;
  }

  /** What is known of a step. A failure does not make an uncertain start certain; only a confirmation or the operator does. */
  pastOf(step: string): StepPast {
    return this.#pasts.get(step) ?? unknownPast;
  }

  /** Behind a half-written line nothing may be added: after one failure every later write fails with it. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#tail.then(write);
    this.#tail = written;
    written.catch(() => undefined);
    return written;
  }

  async #ensureCurrent(): Promise<void> {
    const { writer } = this.#ports;
    if (writer !== undefined && !(await writer.isCurrent())) throw writerSuperseded({ path: this.#path });
  }

  #learn(record: JournalRecord): void {
    if (!('step' in record)) return;
    const past = this.pastOf(record.step);
    switch (record.type) {
      case 'step.started': {
        const memory = record.memory === undefined ? {} : { memory: record.memory };
        this.#pasts.set(record.step, { ...past, uncertain: true, ...memory });
        break;
      }
      case 'step.confirmed':
        this.#pasts.set(record.step, { ...past, uncertain: false, confirmed: true });
        break;
      case 'step.permitted':
        this.#pasts.set(record.step, { ...past, uncertain: false, confirmed: false });
        break;
      case 'step.failed':
        break;
    }
  }
}

const unknownPast: StepPast = { uncertain: false, confirmed: false };

/** SHA-256 of a text as lower-case hex. */
export async function sha256Hex(text: string): Promise<string> {
  return createHash('sha256').update(text).digest('hex');
}
