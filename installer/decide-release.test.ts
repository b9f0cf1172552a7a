import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../core/journal.ts';
import { decideRelease } from './decide-release.ts';

const entriesOf = (...records: JournalRecord[]) =>
  records.map((record) => ({ at: '2026-09-11T10:00:00.000Z', record }));
const removed = (...macs: string[]): JournalRecord => ({ type: 'machine.removed', machine: 'cp-2', macs });
const installed: JournalRecord = { type: 'step.started', step: 'install/cp-2', memory: { macs: 'mac-9' } };
const frozen: JournalRecord = { type: 'machine.frozen', machine: 'cp-2', reason: 'it boots in circles' };

describe('decideRelease', () => {
  it('means the removed machine by its name while no other one has got that', () => {
    expect(decideRelease(entriesOf(removed('mac-2', 'mac-22')), 'cp-2')).toEqual(['mac-2', 'mac-22']);
    expect(decideRelease(entriesOf(removed('mac-2')), 'cp-3')).toBeUndefined();
  });

  it('means the frozen machine that has the name now, and never the removed one, however often it is given', () => {
    const entries = entriesOf(removed('mac-2'), installed, frozen);
    expect(decideRelease(entries, 'cp-2')).toEqual([]);
    entries.push(...entriesOf({ type: 'machine.released', machine: 'cp-2', reason: 'boot order', macs: [] }));
    expect(decideRelease(entries, 'cp-2')).toBeUndefined();
    expect(decideRelease(entries, 'cp-2', 'mac-2')).toEqual(['mac-2']);
  });

  it('means the last one of several that were removed under a name, and each by its address', () => {
    const entries = entriesOf(removed('mac-2'), installed, removed('mac-9'));
    expect(decideRelease(entries, 'cp-2')).toEqual(['mac-9']);
    expect(decideRelease(entries, 'cp-2', 'mac-2')).toEqual(['mac-2']);
    expect(decideRelease(entries, 'cp-2', 'mac-7')).toBeUndefined();
  });

  it('means a machine that was frozen and then removed as the removed one', () => {
    expect(decideRelease(entriesOf(frozen, removed('mac-2')), 'cp-2')).toEqual(['mac-2']);
  });
});
