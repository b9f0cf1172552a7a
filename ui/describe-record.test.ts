import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../core/journal.ts';
import { describeRecord, machinesOf } from './describe-record.ts';

const fault = { code: 'talos/refused', title: 'it refused', state: '', remedy: '', places: [] };
const install = 'install/node-1';
const everyKind: readonly JournalRecord[] = [
  { type: 'run.started', rack: 'rack-1', command: 'rackwright up rack.yaml' },
  { type: 'run.ended', outcome: 'handed off' },
  {
    type: 'plan.approved',
    plan: 'a'.repeat(64),
    by: 'ops',
    disks: { 'node-1': 'serial S1' },
    found: {},
    settings: {},
  },
  { type: 'step.started', step: install, memory: { boot: '1' } },
  { type: 'step.confirmed', step: install },
  { type: 'step.failed', step: install, fault },
  { type: 'step.permitted', step: install, reason: 'I looked' },
  { type: 'machine.netbooted', machine: 'node-1', mac: '52:54:00:00:00:01' },
  { type: 'machine.frozen', machine: 'node-1', reason: 'boots in circles' },
  { type: 'machine.released', machine: 'node-1', reason: 'mended' },
  { type: 'machine.removed', machine: 'node-1', macs: [] },
  {
    ...{ type: 'disk.kept', machine: 'node-1', disk: 'serial S1', path: '/dev/sda', sizeBytes: '9' },
    layout: [{ on: 'sda1', format: 'xfs', sizeBytes: 5 }],
  },
  { type: 'check.overridden', check: 'memory', machine: 'node-1', says: '2 GiB', reason: 'a test rack' },
  { type: 'netboot.asked', machine: 'node-1' },
  { type: 'netboot.served', machine: 'node-1' },
  { type: 'journal.compacted', replaces: { entries: 9, hash: 'x' }, kept: [] },
];

describe('describeRecord', () => {
  it.each(everyKind.map((record) => [record.type, record] as const))('says %s in words', (_, record) => {
    expect(describeRecord(record)).toMatch(/^[^{}]+$/);
  });

  it('shows what a later Rackwright has written as it is', () => {
    const later = { type: 'machine.painted', colour: 'red' };
    expect(describeRecord(later as unknown as JournalRecord)).toBe(JSON.stringify(later));
  });

  it('names the machine of each record that is about one', () => {
    const about = everyKind.filter((record) => machinesOf(record).includes('node-1')).map(({ type }) => type);
    const others = everyKind.map(({ type }) => type).filter((type) => !about.includes(type));
    expect(others).toEqual(['run.started', 'run.ended', 'journal.compacted']);
  });
});
