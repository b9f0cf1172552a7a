import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { foldView } from './fold-view.ts';
import { macOf, sampleFault, samplePlan, sampleRun, stamp, started, viewAfter } from './testing/sample-run.ts';

const stepOf = (id: string, ...events: Event[]) => viewAfter(...events).steps.find((step) => step.id === id);
const proposed: Event = { type: 'plan.proposed', plan: samplePlan };

describe('foldView', () => {
  it('knows the machines of the rack file before any was seen', () => {
    expect(viewAfter(started).machines).toEqual([
      { name: 'cp-1', role: 'controlplane' },
      { name: 'node-1', role: 'worker' },
    ]);
  });

  it('starts anew with a new run', () => {
    const view = foldView(viewAfter(...sampleRun), stamp(started, 60));
    expect(view).toEqual({ ...viewAfter(started), startedAt: '2026-09-11T10:01:00.250Z' });
  });

  it('does not change the view that it is given', () => {
    const before = viewAfter(...sampleRun);
    const copy = structuredClone(before);
    const events: Event[] = [
      { type: 'step.done', step: 'install/cp-1', title: 'Install Talos', machine: 'cp-1', alreadyDone: false },
      { type: 'packet.dropped', from: '0.0.0.0', reason: 'too short' },
      { type: 'machine.held', mac: macOf(9), reason: 'twice in the rack file' },
    ];
    for (const event of events) foldView(before, stamp(event, 30));
    expect(before).toEqual(copy);
  });

  it('takes a machine that its firmware boots again for booting', () => {
    const view = viewAfter(
      started,
      { type: 'machine.observed', machine: 'cp-1', address: '10.0.0.101', stage: 'running' },
      {
        type: 'boot.decided',
        mac: macOf(1),
        machine: 'cp-1',
        firmware: 'UEFI PXE x64',
        decision: 'its own disk',
      },
    );
    expect(view.machines[0]).toMatchObject({ stage: 'booting', address: '10.0.0.101', boot: { mac: macOf(1) } });
  });

  it('takes a machine of the file that is given no boot file for held', () => {
    const held: Event = {
      type: 'boot.decided',
      mac: macOf(1),
      machine: 'cp-1',
      firmware: 'bios-pxe',
      decision: 'hold: no boot file',
    };
    expect(viewAfter(started, held).machines[0]?.stage).toBe('held');
  });

  it('shows a stranger once, with all that is known of it and the newest reason to hold it', () => {
    const held: Event = {
      type: 'machine.held',
      mac: macOf(9),
      address: '10.0.0.109',
      reason: 'it is not in the rack file',
    };
    const booted: Event = { type: 'boot.decided', mac: macOf(9), firmware: 'uefi-pxe', decision: 'hold: whatever' };
    const stranger = { mac: macOf(9), firmware: 'uefi-pxe', address: '10.0.0.109', reason: held.reason };
    expect(viewAfter(started, held, booted).strangers).toEqual([stranger]);
    expect(viewAfter(started, booted, held).strangers).toEqual([stranger]);
  });

  it('forgets a stranger that turns out to be a machine of the file', () => {
    const held: Event = { type: 'machine.held', mac: macOf(1), address: '10.0.0.101', reason: 'not in the rack file' };
    const byMac: Event = { type: 'boot.decided', mac: macOf(1), machine: 'cp-1', firmware: 'UEFI', decision: 'boot' };
    const byAddress: Event = { type: 'machine.observed', machine: 'cp-1', address: '10.0.0.101', stage: 'maintenance' };
    expect(viewAfter(started, held, byMac).strangers).toEqual([]);
    expect(viewAfter(started, held, byAddress).strangers).toEqual([]);
  });

  it('keeps the last file that was fetched, and not a question for its size', () => {
    const served: Event = {
      type: 'file.served',
      address: '10.0.0.101',
      file: 'a.efi',
      protocol: 'tftp',
      bytes: 9,
      complete: true,
    };
    expect(viewAfter(started, served, { ...served, file: 'b.efi', bytes: 0, complete: false }).transfer?.file).toBe(
      'a.efi',
    );
  });

  it('has the steps of a plan in its order, planned', () => {
    expect(viewAfter(started, proposed).steps).toEqual([
      { id: 'install/cp-1', title: 'Install Talos', machine: 'cp-1', status: 'planned' },
      { id: 'install/node-1', title: 'Install Talos', machine: 'node-1', status: 'planned' },
      { id: 'bootstrap', title: 'Bootstrap etcd', status: 'planned' },
    ]);
  });

  it('counts the time of a step from when it was first looked at', () => {
    const step = stepOf(
      'bootstrap',
      proposed,
      { type: 'step.waiting', step: 'bootstrap', title: 'Bootstrap etcd', reason: 'etcd is preparing' },
      { type: 'step.started', step: 'bootstrap', title: 'Bootstrap etcd' },
      { type: 'step.waiting', step: 'bootstrap', title: 'Bootstrap etcd', reason: 'no leader yet' },
    );
    expect(step).toMatchObject({ status: 'running', since: '2026-09-11T10:00:01.250Z', reason: 'no leader yet' });
  });

  it('drops the reason of a step that is done', () => {
    const step = stepOf(
      'bootstrap',
      proposed,
      { type: 'step.waiting', step: 'bootstrap', title: 'Bootstrap etcd', reason: 'etcd is preparing' },
      { type: 'step.done', step: 'bootstrap', title: 'Bootstrap etcd', alreadyDone: false },
    );
    expect(step).not.toHaveProperty('reason');
    expect(step?.status).toBe('done');
  });

  it('keeps why a step failed and why another was held', () => {
    const events: Event[] = [
      proposed,
      { type: 'step.failed', step: 'install/cp-1', title: 'Install Talos', machine: 'cp-1', fault: sampleFault },
      { type: 'step.held', step: 'bootstrap', title: 'Bootstrap etcd', because: 'install/cp-1' },
    ];
    expect(stepOf('install/cp-1', ...events)).toMatchObject({ status: 'failed', fault: sampleFault });
    expect(stepOf('bootstrap', ...events)).toMatchObject({ status: 'held', reason: 'install/cp-1' });
  });

  it('keeps what is known of a step when the plan is proposed again', () => {
    const done: Event = {
      type: 'step.done',
      step: 'install/cp-1',
      title: 'Install Talos',
      machine: 'cp-1',
      alreadyDone: true,
    };
    expect(stepOf('install/cp-1', proposed, done, proposed)?.status).toBe('done');
  });

  it('shows a step that was in no plan', () => {
    expect(stepOf('extra', { type: 'step.waiting', step: 'extra', title: 'extra', reason: 'why not' })).toMatchObject({
      title: 'extra',
      status: 'waiting',
    });
  });
});
