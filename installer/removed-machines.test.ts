import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../core/journal.ts';
import { removedFinder, removedMachines, whyRemoved } from './removed-machines.ts';

const entriesOf = (...records: JournalRecord[]) =>
  records.map((record) => ({ at: '2026-09-11T10:00:00.000Z', record }));
const removed: JournalRecord = { type: 'machine.removed', machine: 'cp-2', macs: ['mac-2', 'mac-22'] };
const installed = (name: string, macs: string): JournalRecord => ({
  type: 'step.started',
  step: `install/${name}`,
  memory: { macs },
});

describe('removedMachines', () => {
  it('holds a machine by each of its MAC addresses, and not another one that got its name', () => {
    const entries = entriesOf(removed, installed('cp-2', 'mac-9'));
    const find = removedFinder({ entries });
    expect([find(['mac-22'])?.name, find(['mac-9'])]).toEqual(['cp-2', undefined]);
    expect(whyRemoved(find(['mac-2'])!)).toMatch(/removed from the cluster as cp-2 .* rackwright node release cp-2$/);
  });

  it.each<[string, JournalRecord]>([
    ['an operator has released it', { type: 'machine.released', machine: 'cp-2', reason: 'its disk is empty' }],
    ['it is installed anew', installed('cp-4', 'mac-2')],
  ])('holds it no more once %s', (_what, record) => {
    expect(removedMachines(entriesOf(removed, record))).toEqual([]);
    expect(removedMachines(entriesOf(removed, record, removed))).toHaveLength(1);
  });

  it('learns of one that is removed meanwhile, and forgets nothing when the journal is compacted', () => {
    const entries = entriesOf({ type: 'run.ended', outcome: 'done' });
    const find = removedFinder({ entries });
    expect(find(['mac-2'])).toBeUndefined();
    entries.push(...entriesOf(removed));
    expect(find(['mac-2'])?.name).toBe('cp-2');
    entries.shift();
    expect(find(['mac-2'])?.name).toBe('cp-2');
  });
});
