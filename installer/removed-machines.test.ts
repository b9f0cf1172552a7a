import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactEntries } from '../core/compact-journal.ts';
import type { JournalRecord } from '../core/journal.ts';
import { sealEntry } from '../core/journal-entry.ts';
import { frozenMachines } from './boot-loop.ts';
import { macsToHold, removedFinder, removedMachines, whyRemoved } from './removed-machines.ts';

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
    expect(whyRemoved(find(['mac-2'])!)).toMatch(
      /removed from the cluster as cp-2 .* rackwright node release RACKFILE cp-2 --mac mac-2 --reason WHY$/,
    );
  });

  it.each<[string, JournalRecord]>([
    ['an operator has released it', { type: 'machine.released', machine: 'cp-2', reason: 'its disk is empty' }],
    ['it is released by a MAC address', { type: 'machine.released', machine: 'cp-2', reason: '', macs: ['mac-22'] }],
    ['it is installed anew', installed('cp-4', 'mac-2')],
  ])('holds it no more once %s', (_what, record) => {
    expect(removedMachines(entriesOf(removed, record))).toEqual([]);
    expect(removedMachines(entriesOf(removed, record, removed))).toHaveLength(1);
  });

  it.each<[string, JournalRecord]>([
    ['is removed', { type: 'machine.removed', machine: 'cp-2', macs: ['mac-9'] }],
    ['was frozen and is released', { type: 'machine.released', machine: 'cp-2', reason: 'boot order', macs: [] }],
    ['was removed and is released', { type: 'machine.released', machine: 'cp-2', reason: 'wiped', macs: ['mac-9'] }],
  ])('still holds it when another one that got its name %s', (_what, record) => {
    const entries = entriesOf(removed, installed('cp-2', 'mac-9'), record);
    expect(removedFinder({ entries })(['mac-2'])).toMatchObject({ name: 'cp-2', isReplaced: true });
  });

  it('knows it by every address that it ever had when it is removed again', () => {
    const again: JournalRecord = { type: 'machine.removed', machine: 'cp-4', macs: ['mac-22', 'mac-23'] };
    const find = removedFinder({ entries: entriesOf(removed, again) });
    expect(['mac-2', 'mac-22', 'mac-23'].map((mac) => find([mac])?.name)).toEqual(['cp-2', 'cp-4', 'cp-4']);
    expect(removedMachines(entriesOf(removed, removed))).toHaveLength(1);
  });

  it('says the whole command that releases it, by its name alone as long as that means nobody else', () => {
    const [one] = removedMachines(entriesOf(removed));
    expect(whyRemoved(one!)).toMatch(/, then rackwright node release RACKFILE cp-2 --reason WHY$/);
  });

  it('knows the same of them, and of who is frozen, when the journal is compacted', () => {
    const name = fc.constantFrom('cp-2', 'cp-3');
    const macs = fc.subarray(['mac-1', 'mac-2', 'mac-3'], { minLength: 1 });
    const record: fc.Arbitrary<JournalRecord> = fc.oneof(
      fc.record({ type: fc.constant('machine.removed' as const), machine: name, macs }),
      fc.record({ type: fc.constant('machine.frozen' as const), machine: name, reason: fc.constant('') }),
      fc.record(
        {
          type: fc.constant('machine.released' as const),
          machine: name,
          reason: fc.constant(''),
          macs: fc.oneof(macs, fc.constant([])),
        },
        { requiredKeys: ['type', 'machine', 'reason'] },
      ),
      fc.tuple(name, macs).map(([one, of]) => installed(one, of.join(' '))),
    );
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), (records) => {
        const entries = entriesOf(...records).map((entry, at) => sealEntry({ ...entry, seq: at + 1, prev: '' }));
        const checkpoint = compactEntries(entries, '2026-09-12T10:00:00.000Z')?.record;
        const kept = checkpoint?.type === 'journal.compacted' ? checkpoint.kept : [];
        expect(frozenMachines(kept)).toEqual(frozenMachines(entries));
        for (const one of ['mac-1', 'mac-2', 'mac-3']) {
          const known = [kept, entries].map((some) => removedFinder({ entries: some })([one]));
          expect(known[0]).toEqual(known[1]);
        }
      }),
      { numRuns: 1000 },
    );
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

describe('macsToHold', () => {
  const earlier = removedMachines(entriesOf(removed));

  it('leaves out those of a machine that had the name before, which a later release must not free', () => {
    expect(macsToHold(['mac-2', 'mac-9'], earlier)).toEqual(['mac-9']);
  });

  it('tells all of them again of a machine whose removal a kill had cut short', () => {
    expect(macsToHold(['mac-2', 'mac-22'], earlier)).toEqual(['mac-2', 'mac-22']);
  });
});
