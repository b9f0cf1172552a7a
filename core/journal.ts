import { defineFault, type FaultView } from './fault.ts';
import type { Clock, Files } from './ports.ts';
import type { Memory, StepPast } from './step.ts';

/** What no machine can tell, and therefore the only thing that is kept. */
export type JournalRecord =
  | { readonly type: 'run.started'; readonly rack: string; readonly command: string }
  /** By machine: the disk to be written, and what was found on it. */
  | {
      readonly type: 'plan.approved';
      readonly plan: string;
      readonly by: string;
      readonly disks: Memory;
      readonly found: Memory;
      /** What the cluster was to be: see installer/check-settings.ts. */
      readonly settings: Memory;
    }
  | { readonly type: 'step.started'; readonly step: string; readonly memory?: Memory }
  | { readonly type: 'step.confirmed'; readonly step: string }
  | { readonly type: 'step.failed'; readonly step: string; readonly fault: FaultView }
  /** The operator allows a `once` step to start again, and says why. */
  | { readonly type: 'step.permitted'; readonly step: string; readonly reason: string }
  | { readonly type: 'run.ended'; readonly outcome: string };

export interface JournalEntry {
  readonly seq: number;
  readonly at: string;
  readonly record: JournalRecord;
  /** Hash of the entry before this one; 64 zeroes for the first. */
  readonly prev: string;
  readonly hash: string;
}

export interface JournalPorts {
  readonly files: Pick<Files, 'readText' | 'appendDurably' | 'truncate'>;
  readonly clock: Pick<Clock, 'now'>;
  /** For a dry run: the file is read and stays as it is; what is appended is known to this process alone. */
  readonly readOnly?: boolean;
}

const broken = defineFault<{ path: string; line: number; why: string }>('core/journal-broken', {
  kind: 'operator',
  title: ({ path, line, why }) => `The journal ${path} is broken at line ${line}: ${why}`,
  state: () => 'Nothing was started. The journal was not changed.',
  remedy: ({ path }) =>
    `Restore ${path} from a backup. Without it nobody can tell which disk was approved or whether etcd was bootstrapped.`,
});

const firstHash = '0'.repeat(64);

/**
 * The append-only journal: one JSON object a line, each flushed before the effect that it announces and after the
 * observation that it records, each holding the hash of the one before it.
 */
export class Journal {
  readonly #entries: JournalEntry[];
  readonly #path: string;
  readonly #ports: JournalPorts;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(path: string, entries: JournalEntry[], ports: JournalPorts) {
    this.#path = path;
    this.#entries = entries;
    this.#ports = ports;
  }

  /** Reads and verifies it; a half-written last line, left by a crash, is cut off. Fault `core/journal-broken`. */
  static async open(path: string, ports: JournalPorts): Promise<Journal> {
    const text = (await ports.files.readText(path)) ?? '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const entries: JournalEntry[] = [];
    for (const [index, line] of whole.split('\n').slice(0, -1).entries()) {
      entries.push(await parseEntry(line, entries.at(-1), { path, line: index + 1 }));
    }
    if (whole.length < text.length && !ports.readOnly)
      await ports.files.truncate(path, new TextEncoder().encode(whole).length);
    return new Journal(path, entries, ports);
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** Resolves when the record is on the disk. Records of concurrent callers are written one after another. */
  append(record: JournalRecord): Promise<void> {
    const written = this.#tail.then(async () => {
      const last = this.#entries.at(-1);
      const body = {
        seq: (last?.seq ?? 0) + 1,
        at: this.#ports.clock.now().toISOString(),
        record,
        prev: last?.hash ?? firstHash,
      };
      const entry: JournalEntry = { ...body, hash: await hashOf(body) };
      if (!this.#ports.readOnly) await this.#ports.files.appendDurably(this.#path, `${JSON.stringify(entry)}\n`);
      this.#entries.push(entry);
    });
    // Behind a half-written line nothing may be added: after one failure every later append fails with it.
    this.#tail = written;
    written.catch(() => undefined);
    return written;
  }

  /** What is known of a step. A failure does not make an uncertain start certain; only a confirmation or the operator does. */
  pastOf(step: string): StepPast {
    let past: StepPast = { uncertain: false, confirmed: false };
    for (const { record } of this.#entries) {
      if (!('step' in record) || record.step !== step) continue;
      if (record.type === 'step.started') {
        past = { ...past, uncertain: true, ...(record.memory === undefined ? {} : { memory: record.memory }) };
      }
      if (record.type === 'step.confirmed') past = { ...past, uncertain: false, confirmed: true };
      if (record.type === 'step.permitted') past = { ...past, uncertain: false, confirmed: false };
    }
    return past;
  }
}

async function parseEntry(
  line: string,
  before: JournalEntry | undefined,
  at: { path: string; line: number },
): Promise<JournalEntry> {
  let entry: JournalEntry | null;
  try {
    entry = JSON.parse(line) as JournalEntry | null;
  } catch (cause) {
    throw broken({ ...at, why: 'it is not JSON' }, { cause });
  }
  if (typeof entry !== 'object' || entry === null) throw broken({ ...at, why: 'it is not an entry' });
  const { hash, ...body } = entry;
  if (body.prev !== (before?.hash ?? firstHash)) throw broken({ ...at, why: 'it does not follow the line before it' });
  if ((await hashOf(body)) !== hash) throw broken({ ...at, why: 'its content does not match its hash' });
  return entry;
}

async function hashOf(body: Omit<JournalEntry, 'hash'>): Promise<string> {
  const { seq, at, record, prev } = body;
  return sha256Hex(JSON.stringify([seq, at, record, prev]));
}

/** SHA-256 of a text as lower-case hex. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('hex');
}
