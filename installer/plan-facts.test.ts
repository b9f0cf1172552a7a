import { describe, expect, it } from 'vitest';
import type { TalosObservation } from '../core/machine.ts';
import type { PlannedMachine } from '../core/plan-view.ts';
import { disk, healthySpec, mac, observationOf, rackOf } from './checks/testing/healthy-rack.ts';
import { changedFacts, factsOf, writesIn } from './plan-facts.ts';

const facts = (more: Partial<TalosObservation> = {}) =>
  factsOf(healthySpec, rackOf(observationOf(1, more), observationOf(2), observationOf(3), observationOf(4)));
const other = { name: 'eno9', mac: mac(9), isUp: true, isPhysical: true };

describe('changedFacts', () => {
  it('finds nothing where all is as it was', () => {
    expect(changedFacts(facts(), facts({ bootMark: 'another', stage: 'booting' }))).toEqual([]);
  });

  it.each<[string, Partial<TalosObservation>, string]>([
    ['serial', { disks: [disk('S9')] }, 'cp-1: disk was serial S1 and is none'],
    [
      'signatures',
      { disks: [disk('S1', { signatures: ['lvm2-pv'] })] },
      'cp-1: on the disk was nothing and is lvm2-pv',
    ],
    ['certificate', { fingerprint: 'x' }, 'cp-1: certificate was print-1 and is x'],
    [
      'MAC addresses',
      { links: [...observationOf(1).links, other] },
      `cp-1: macs was ${mac(1)} and is ${mac(1)} ${mac(9)}`,
    ],
    ['mode', { mode: 'configured' }, 'cp-1: mode was maintenance and is configured'],
    ['UUID', { uuid: 'x' }, 'cp-1: uuid was 4c4c4544-0042-3510-8052-b4c04f593101 and is x'],
  ])('names the machine and its %s, before and now', (_what, more, sentence) => {
    expect(changedFacts(facts(), facts(more))).toContain(sentence);
  });

  it('names a machine that is gone, or new in the rack file', () => {
    const { 'cp-1': _, ...without } = facts();
    expect(changedFacts(without, facts()).join()).toContain('cp-1: mode was not there and is maintenance');
    const silent = factsOf(healthySpec, rackOf(observationOf(2)));
    expect(changedFacts(facts(), silent).join()).toContain('cp-1: machine was not there and is absent');
  });

  it('names a machine that was held back when the plan was made, and would be written now', () => {
    const held: PlannedMachine = {
      name: 'cp-3',
      role: 'worker',
      from: 'a',
      address: 'a',
      macs: [],
      blockedBy: ['clock'],
    };
    const { blockedBy: _, ...fit } = { ...held, writes: { path: '/dev/sda', sizeBytes: '1', signatures: [] } };
    const [before, now] = [{ machines: [held] }, { machines: [fit] }];
    expect(changedFacts(writesIn(before), writesIn(now))).toEqual([
      'cp-3: its disk was left alone and is to be written',
    ]);
    expect(changedFacts(writesIn(now), writesIn(now))).toEqual([]);
  });
});
