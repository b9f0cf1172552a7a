import { type JournalEntry, type JournalRecord, sealEntry } from './journal-entry.ts';

/**
 * One entry that stands for all of these: it continues their chain of hashes, names the last of them, and holds as they
 * were those that still count. What is known of every step, of every approved disk and of every frozen machine is the same
 * before and after; how it came about is only in the entries that were replaced.
 */
export function compactEntries(entries: readonly JournalEntry[], at: string, fence?: number): JournalEntry | undefined {
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  const counting = new Set(whatCounts(entries));
  return sealEntry({
    seq: last.seq + 1,
    at,
    record: {
      type: 'journal.compacted',
      replaces: { entries: entries.length, hash: last.hash },
      kept: entries.filter((entry) => counting.has(entry)),
    },
    prev: last.hash,
    ...(fence === undefined ? {} : { fence }),
  });
}

/** For each thing that is known the entry that says it last. A kind of record that is not named here is kept. */
function whatCounts(entries: readonly JournalEntry[]): Iterable<JournalEntry> {
  const latest = new Map<string, JournalEntry>();
  for (const entry of entries) for (const key of keysOf(entry.record, entry.seq)) latest.set(key, entry);
  return latest.values();
}

function keysOf(record: JournalRecord, seq: number): readonly string[] {
  switch (record.type) {
    case 'step.failed':
    case 'run.ended':
    case 'journal.compacted':
      return [];
    case 'run.started':
      return ['run'];
    case 'plan.approved':
      return ['plan', ...Object.keys(record.disks).map((machine) => `disk of ${machine}`)];
    case 'step.started':
      return [
        `start of ${record.step}`,
        ...(record.memory === undefined ? [] : [`memory of ${record.step}`]),
        // What was installed anew is removed no more, also when the name is another machine's by now.
        ...(record.memory?.['macs'] === undefined ? [] : [`install of ${record.memory['macs']}`]),
      ];
    case 'step.confirmed':
    case 'step.permitted':
      return [`${record.type} ${record.step}`];
    case 'machine.frozen':
      return [`freeze of ${record.machine}`];
    case 'machine.removed':
      return [`freeze of ${record.machine}`, `removal of ${record.machine} ${textOf(record.macs)}`];
    case 'machine.released': {
      // It stays behind what it releases: one that was removed may be known by other addresses, too, or by older records.
      const release = `release of ${record.machine} ${textOf(record.macs ?? ['all'])}`;
      return record.macs === undefined || record.macs.length === 0
        ? [`freeze of ${record.machine}`, release]
        : [release];
    }
    default:
      return [`entry ${seq}`];
  }
}

/** Several machines may have been removed under one name. */
const textOf = (macs: readonly string[]) => macs.toSorted().join(' ');
