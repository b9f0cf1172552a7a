import { firstHash, type JournalEntry, parseEntry } from './journal-entry.ts';

export interface JournalReading {
  /** What counts, oldest first: of a compacted journal what was kept, the checkpoint, and all that came after it. */
  readonly entries: readonly JournalEntry[];
  /** Lines that count for nothing: written by one who had been superseded and had not noticed yet. */
  readonly voided: number;
  /** Length in bytes of the whole lines; what is behind them is the half of a line that a crash left. */
  readonly wholeBytes: number;
  readonly hasTornEnd: boolean;
  /** The first line, counted from 1, that breaks the chain; what stands before it is in `entries`. */
  readonly broken?: { readonly line: number; readonly why: string };
}

/**
 * Follows the chain of hashes through the text of a journal. The number of the writer decides between two who wrote at
 * the same time: the higher one has read the file after it had taken over, so what a lower one added behind that is void.
 */
export function readJournal(text: string): JournalReading {
  const end = text.lastIndexOf('\n') + 1;
  const chain: JournalEntry[] = [];
  const voided = new Set<string>();
  let broken: JournalReading['broken'];
  let line = 0;
  for (let from = 0; from < end; ) {
    const to = text.indexOf('\n', from);
    line += 1;
    const entry = parseEntry(text.slice(from, to));
    const why = typeof entry === 'string' ? entry : follow(chain, entry, voided);
    if (why !== undefined) {
      broken = { line, why };
      break;
    }
    from = to + 1;
  }
  const [first] = chain;
  const kept = first?.record.type === 'journal.compacted' ? first.record.kept : [];
  return {
    entries: kept.length === 0 ? chain : [...kept, ...chain],
    voided: voided.size,
    wholeBytes: end === text.length ? Buffer.byteLength(text) : Buffer.byteLength(text.slice(0, end)),
    hasTornEnd: end < text.length,
    ...(broken === undefined ? {} : { broken }),
  };
}

/** Puts the entry behind the chain, or says in words why it has no place there. */
function follow(chain: JournalEntry[], entry: JournalEntry, voided: Set<string>): string | undefined {
  const last = chain.at(-1);
  const fence = entry.fence ?? 0;
  if (last === undefined) {
    const isCheckpoint = entry.record.type === 'journal.compacted' && entry.prev === entry.record.replaces.hash;
    if (!isCheckpoint && entry.prev !== firstHash) return 'it does not begin a journal';
    chain.push(entry);
    return undefined;
  }
  const fenceOfLast = last.fence ?? 0;
  if (entry.prev === last.hash && fence >= fenceOfLast) {
    chain.push(entry);
    return undefined;
  }
  if (fence < fenceOfLast && (voided.has(entry.prev) || chain.some(({ hash }) => hash === entry.prev))) {
    voided.add(entry.hash);
    return undefined;
  }
  if (fence > fenceOfLast) {
    const at = chain.findLastIndex(({ hash }) => hash === entry.prev);
    const behind = chain.slice(at + 1);
    if (at >= 0 && behind.every((one) => (one.fence ?? 0) < fence)) {
      for (const { hash } of behind) voided.add(hash);
      chain.length = at + 1;
      chain.push(entry);
      return undefined;
    }
  }
  return 'it does not follow the line before it';
}
