import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { Journal, type JournalRecord } from '../core/journal.ts';
import type { Disk } from '../core/machine.ts';
import { type Millis, minutes } from '../core/millis.ts';
import type { PlannedMachine, PlanView } from '../core/plan-view.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { type Approval, approvalSpan, approvePlan, askApproval } from './approve-plan.ts';
import type { DiskId } from './resolve-disk.ts';

const planned: PlannedMachine = {
  name: 'cp-1',
  role: 'controlplane',
  from: '10.0.0.101',
  address: '10.0.0.11',
  uuid: 'u-1',
  macs: ['52:54:00:00:00:01'],
};
const view: PlanView = { rack: 'lab', digest: 'd', machines: [planned, { ...planned, name: 'cp-2' }], steps: [] };
const disk = (name: string, serial: string, ...signatures: string[]) => {
  const found: Disk = { name: 'sda', path: '/dev/sda', sizeBytes: 1n, rotational: false, readOnly: false, signatures };
  return [name, { disk: found, id: `serial ${serial}` as DiskId }] as const;
};
const blank = new Map([disk('cp-1', 'S1')]);
const full = new Map([disk('cp-1', 'S1', 'gpt', 'ext4 on sda1')]);

async function desk(flags: Partial<Approval> = {}, answer: 'yes' | 'no' = 'no') {
  const time = new VirtualClock();
  let behind = 0;
  const clock = {
    now: () => new Date(time.now().getTime() - behind),
    sleep: (span: Millis) => time.sleep(span),
  };
  const journal = await Journal.open('/journal', { files: new MemoryFiles(), clock });
  const told: string[] = [];
  const emit = (event: Event) => {
    if (event.type === 'plan.doubted') told.push(event.reason);
  };
  const asked: (readonly string[])[] = [];
  const ask: Approval['ask'] = async (_plan, { needsTypedNames }) => {
    asked.push(needsTypedNames);
    return answer;
  };
  const approval: Approval = { yes: false, confirm: [], ask, ...flags };
  return {
    approval,
    clock,
    setBack: (span: Millis) => void (behind = span),
    journal,
    asked,
    told,
    approve: (disks: typeof blank, plan = view, settings = {}) =>
      approvePlan(plan, disks, { journal, approval, settings, clock, emit }),
  };
}

describe('approvePlan', () => {
  it('asks, and remembers the yes with the disk and what was on it', async () => {
    const { approve, asked, journal } = await desk({}, 'yes');
    expect([...(await approve(blank))]).toEqual([['cp-1', 'serial S1']]);
    expect(asked).toEqual([[]]);
    expect(journal.entries[0]?.record).toMatchObject({ disks: { 'cp-1': 'serial S1' }, found: { 'cp-1': 'nothing' } });
  });

  it('writes nothing without a yes', async () => {
    const { approve, journal } = await desk();
    await expect(approve(blank)).rejects.toMatchObject({ code: 'installer/not-approved', exitCode: 3 });
    expect(journal.entries).toEqual([]);
  });

  it('says what is given up where no data is lost', async () => {
    const { approval } = await desk({ yes: true });
    await expect(askApproval(view, ['cp-1'], approval, 'gives up')).rejects.toThrow(
      'The plan was not approved: it gives up cp-1',
    );
  });

  it('lets the name of the rack stand for no machine that is given up', async () => {
    const { approval } = await desk({ yes: true, confirm: ['lab'] });
    await expect(askApproval(view, ['cp-1'], approval, 'gives up')).rejects.toMatchObject({
      code: 'installer/not-approved',
      remedy: expect.stringContaining('--confirm cp-1') as string,
    });
    expect(await askApproval(view, ['cp-1'], { ...approval, confirm: ['cp-1'] }, 'gives up')).toBe('flags');
  });

  it.each<[string, Partial<Approval>, typeof blank, (readonly string[])[]]>([
    ['--yes is enough for blank disks', { yes: true }, blank, []],
    ['--yes is not enough for the loss of data', { yes: true }, full, [['cp-1']]],
    ['--confirm with another name is not either', { yes: true, confirm: ['lob'] }, full, [['cp-1']]],
    ['--yes with --confirm is', { yes: true, confirm: ['lab'] }, full, []],
    ['--confirm alone leaves the question', { confirm: ['lab'] }, full, [[]]],
  ])('%s', async (_what, flags, disks, questions) => {
    const { approve, asked } = await desk(flags, 'yes');
    await approve(disks);
    expect(asked).toEqual(questions);
  });

  it('does not ask again for what was approved, and does when anything about it has changed', async () => {
    const { approve, asked } = await desk({}, 'yes');
    await approve(blank);
    await approve(blank);
    expect(asked).toHaveLength(1);
    await approve(new Map([disk('cp-1', 'S2')]));
    expect(asked).toHaveLength(2);
    await approve(new Map([disk('cp-1', 'S2', 'lvm2-pv')]));
    expect(asked).toEqual([[], [], ['cp-1']]);
    await approve(new Map([disk('cp-1', 'S2', 'lvm2-pv'), disk('cp-2', 'S3')]));
    expect(asked).toHaveLength(4);
  });

  it.each<[string, Partial<PlannedMachine>]>([
    ['UUID', { uuid: 'u-9' }],
    ['MAC address', { macs: ['52:54:00:00:00:09'] }],
    ['address', { address: '10.0.0.99' }],
    ['role', { role: 'worker' }],
  ])('asks again when the name is that of a machine with an equal disk and another %s', async (_what, other) => {
    const { approve, asked } = await desk({}, 'yes');
    await approve(full);
    await approve(full, { ...view, digest: 'e', machines: [{ ...planned, ...other }] });
    expect(asked).toEqual([['cp-1'], ['cp-1']]);
  });

  it.each<[string, JournalRecord]>([
    ['its install may start again', { type: 'step.permitted', step: 'install/cp-1', reason: 'cp-1 is reset' }],
    ['the machine is reset', { type: 'step.started', step: 'reset/cp-1' }],
  ])('asks again for the same disk with the same things on it once %s', async (_what, record) => {
    const { approve, asked, journal } = await desk({}, 'yes');
    await approve(full);
    await journal.append({ type: 'step.started', step: 'install/cp-1' });
    await journal.append({ type: 'step.confirmed', step: 'install/cp-1' });
    await journal.append(record);
    expect([...(await approve(full))]).toEqual([['cp-1', 'serial S1']]);
    expect(asked).toEqual([['cp-1'], ['cp-1']]);
  });

  it('lets a yes hold for a day, and says why it asks again then', async () => {
    const { approve, asked, told, clock } = await desk({}, 'yes');
    await approve(blank);
    await clock.sleep(approvalSpan);
    await approve(blank);
    expect([asked, told]).toEqual([[[]], []]);
    await clock.sleep(minutes(1));
    await approve(blank);
    expect(asked).toEqual([[], []]);
    expect(told).toEqual([expect.stringMatching(/^The disks of cp-1 were approved more than a day ago/)]);
    await approve(blank);
    expect(asked).toHaveLength(2);
  });

  it('asks --confirm again for data that was given up more than a day ago, and writes nothing without', async () => {
    const confirm = ['lab'];
    const { approve, asked, clock, journal } = await desk({ yes: true, confirm });
    await approve(full);
    await clock.sleep(minutes(25 * 60));
    const { length } = journal.entries;
    confirm.pop();
    await expect(approve(full)).rejects.toMatchObject({ code: 'installer/not-approved' });
    expect([asked, journal.entries.length]).toEqual([[['cp-1']], length]);
  });

  it('does not believe a yes of a time that is yet to come', async () => {
    const { approve, asked, journal, setBack } = await desk({}, 'yes');
    await approve(blank);
    setBack(minutes(60));
    await approve(blank);
    expect([asked.length, journal.entries.length]).toEqual([2, 2]);
  });

  it('lets an install that has begun go on however long ago that was', async () => {
    const { approve, asked, clock, journal } = await desk({}, 'yes');
    await approve(blank);
    await journal.append({ type: 'step.started', step: 'install/cp-1' });
    await clock.sleep(minutes(7 * 24 * 60));
    await approve(blank);
    expect(asked).toHaveLength(1);
  });

  it('gives the disk of a machine that is not in the plan only when its install has begun', async () => {
    const { approve, journal } = await desk({}, 'yes');
    await approve(new Map([disk('cp-1', 'S1'), disk('cp-2', 'S2')]));
    await journal.append({ type: 'step.started', step: 'install/cp-1' });
    expect([...(await approve(new Map()))]).toEqual([['cp-1', 'serial S1']]);
  });

  it('remembers the settings of the plan that is run, also where nothing is asked', async () => {
    const { approve, asked, journal } = await desk({}, 'yes');
    await approve(full, view, { 'network.nameservers': '10.0.0.1' });
    await approve(full, view, { 'network.nameservers': '10.0.0.5' });
    await approve(full, view, { 'network.nameservers': '10.0.0.5' });
    expect(asked).toHaveLength(1);
    expect(journal.entries.map(({ record }) => record)).toMatchObject([
      { by: 'prompt', settings: { 'network.nameservers': '10.0.0.1' } },
      { by: 'an earlier run', disks: {}, settings: { 'network.nameservers': '10.0.0.5' } },
    ]);
    await approve(full, { ...view, digest: 'e' }, { 'network.nameservers': '10.0.0.5' });
    expect(journal.entries).toHaveLength(3);
  });

  it('does not ask about what an install that is under way has put on the approved disk', async () => {
    const { approve, asked, journal } = await desk({}, 'yes');
    await approve(blank);
    await journal.append({ type: 'step.started', step: 'install/cp-1' });
    await approve(full);
    expect(asked).toHaveLength(1);
  });
});
