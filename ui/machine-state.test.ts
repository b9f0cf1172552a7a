import { describe, expect, it } from 'vitest';
import { machineStates, stateOf, urgencyOf } from './machine-state.ts';
import type { StepStatus } from './run-view.ts';
import { samplePlan } from './testing/sample-run.ts';

const machine = { name: 'cp-1', role: 'controlplane' };
const steps = (...statuses: StepStatus[]) => ({
  plan: samplePlan,
  steps: statuses.map((status, index) => ({ id: `step-${index}`, title: 'A step', machine: 'cp-1', status })),
});

describe('stateOf', () => {
  it('says that a machine was not seen, until it is', () => {
    expect(stateOf(machine, steps()).word).toBe('not seen');
  });

  it("says Talos' own word for the stage", () => {
    expect(stateOf({ ...machine, stage: 'shutting down' }, steps())).toBe(machineStates['shutting down']);
  });

  it('shows a stage that it never heard of as it is', () => {
    expect(stateOf({ ...machine, stage: 'levitating' }, steps())).toMatchObject({ word: 'levitating', ascii: '?' });
  });

  it('puts a failed step above whatever the machine does', () => {
    expect(stateOf({ ...machine, stage: 'running' }, steps('done', 'failed', 'held')).word).toBe('failed');
  });

  it('calls a machine ready only when every step of it is done', () => {
    expect(stateOf({ ...machine, stage: 'running' }, steps('done', 'running')).word).toBe('running');
    expect(stateOf({ ...machine, stage: 'running' }, steps('done', 'done')).word).toBe('ready');
  });

  it('does not call a machine ready that was only found', () => {
    const { steps: found } = steps('done');
    expect(stateOf({ ...machine, stage: 'maintenance' }, { steps: found }).word).toBe('maintenance');
  });

  it('takes no notice of the steps of others', () => {
    expect(stateOf({ ...machine, name: 'cp-2' }, steps('failed')).word).toBe('not seen');
  });

  it('has one printable ASCII glyph for each state, so that colour is never needed', () => {
    for (const state of Object.values(machineStates)) expect(state.ascii).toMatch(/^[!-~]$/);
  });

  it('shows the failed first and the ready last', () => {
    const words = [
      machineStates.ready,
      machineStates.running,
      machineStates.failed,
      { ...machineStates.unknown, word: 'odd' },
    ];
    expect(words.sort((one, other) => urgencyOf(one) - urgencyOf(other)).map(({ word }) => word)).toEqual([
      'failed',
      'odd',
      'running',
      'ready',
    ]);
  });
});
