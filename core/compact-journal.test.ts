import { describe, expect, it } from 'vitest';
import { compactEntries } from './compact-journal.ts';
import { type JournalRecord, sealEntry } from './journal-entry.ts';

const removed = (...macs: string[]): JournalRecord => ({ type: 'machine.removed', machine: 'cp-2', macs });
const released = (macs?: string[]): JournalRecord => ({
  type: 'machine.released',
  machine: 'cp-2',
  reason: 'mended',
  ...(macs === undefined ? {} : { macs }),
});
const frozen: JournalRecord = { type: 'machine.frozen', machine: 'cp-2', reason: 'it boots in circles' };

/** What is kept of these. */
function keptOf(...records: JournalRecord[]): JournalRecord[] {
  const entries = records.map((record, at) =>
    sealEntry({ seq: at + 1, at: '2026-09-11T10:00:00.000Z', record, prev: '' }),
  );
  const checkpoint = compactEntries(entries, '2026-09-12T10:00:00.000Z')?.record;
  return checkpoint?.type === 'journal.compacted' ? checkpoint.kept.map(({ record }) => record) : [];
}

describe('compactEntries', () => {
  it('keeps each of several machines that were removed under one name', () => {
    expect(keptOf(removed('mac-1'), removed('mac-2'))).toEqual([removed('mac-1'), removed('mac-2')]);
    expect(keptOf(removed('mac-1', 'mac-2'), removed('mac-2', 'mac-1'))).toHaveLength(1);
  });

  it('keeps a removed machine when another one of its name is released', () => {
    expect(keptOf(removed('mac-1'), frozen, released([]))).toEqual([removed('mac-1'), released([])]);
    expect(keptOf(removed('mac-1'), removed('mac-2'), released(['mac-2']))).toContainEqual(removed('mac-1'));
  });

  it('keeps a freeze when a removed machine of that name is released', () => {
    expect(keptOf(removed('mac-1'), frozen, released(['mac-1']))).toContainEqual(frozen);
  });

  it('keeps a release of an older journal, which means all of that name, behind what it releases', () => {
    expect(keptOf(removed('mac-1'), released(), removed('mac-2'), frozen)).toEqual([
      removed('mac-1'),
      released(),
      removed('mac-2'),
      frozen,
    ]);
  });
});
