import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { checkPlan } from './check-plan.ts';
import { defineFault } from './fault.ts';
import { Journal } from './journal.ts';
import { minutes } from './millis.ts';
import { blocked, done, type Step, todo, type Verdict } from './step.ts';

const fault = (kind: 'operator' | 'environment') =>
  defineFault<undefined>(`test/check-plan-${kind}`, { kind, title: () => kind, state: () => '', remedy: () => '' });
const refused = fault('operator');
const silent = fault('environment');

describe('checkPlan', () => {
  it('tells what is open and what would end a step at once, and applies nothing', async () => {
    const journal = await Journal.open('/journal', { files: new MemoryFiles(), clock: new VirtualClock() });
    const applied: string[] = [];
    const step = (id: string, check: () => Promise<Verdict>): Step => ({
      id,
      title: id,
      after: [],
      timeout: minutes(1),
      check,
      apply: async () => void applied.push(id),
    });
    const plan = [
      step('done', async () => done),
      step('todo', async () => todo('to do')),
      step('blocked', async () => blocked('waits')),
      step('refused', () => Promise.reject(refused(undefined))),
      step('silent', () => Promise.reject(silent(undefined))),
    ];
    const { open, faults } = await checkPlan(plan, journal, new AbortController().signal);
    expect(open.toSorted()).toEqual(['blocked', 'refused', 'silent', 'todo']);
    expect(faults.map(({ step: { id }, fault: { code } }) => [id, code])).toEqual([
      ['refused', 'test/check-plan-operator'],
    ]);
    expect([applied, journal.entries]).toEqual([[], []]);
  });
});
