import { describe, expect, it } from 'vitest';
import type { MachineSpec } from '../../core/rack-spec.ts';
import type { StepPast } from '../../core/step.ts';
import { bootstrapEtcd, type EtcdView, joinEtcd } from './bootstrap-etcd.ts';

const names = ['cp-1', 'cp-2', 'cp-3'];
const controlPlanes = names.map(
  (name): MachineSpec => ({
    name,
    role: 'controlplane',
    address: '10.0.0.1',
    disk: { serial: name },
  }),
);
const waiting: EtcdView = { kind: 'waiting' };
const unclear: EtcdView = { kind: 'unclear', reason: 'no answer' };
const member = (...hostnames: string[]): EtcdView => ({
  kind: 'member',
  members: hostnames.map((hostname) => ({ hostname: hostname.replace('?', ''), isLearner: hostname.endsWith('?') })),
});
const never: StepPast = { uncertain: false, confirmed: false };
const { signal } = new AbortController();

function site(...views: EtcdView[]) {
  const told: string[] = [];
  const options = {
    controlPlanes,
    after: [],
    askEtcd: async (entry: MachineSpec) => views[names.indexOf(entry.name)]!,
    bootstrap: async (entry: MachineSpec) => void told.push(entry.name),
  };
  return { bootstrap: bootstrapEtcd(options), join: joinEtcd(options), told };
}

describe('bootstrapEtcd', () => {
  it('is to be done on the first control plane when all of them wait, and remembers which', async () => {
    const { bootstrap, told } = site(waiting, waiting, waiting);
    expect(await bootstrap.check(never, signal)).toMatchObject({
      kind: 'todo',
      memory: { machine: 'cp-1' },
      untouched: true,
    });
    await bootstrap.apply!(signal);
    expect(told).toEqual(['cp-1']);
  });

  it('stays with the machine that was told before, whatever the order of the rack file is now', async () => {
    const { bootstrap, told } = site(waiting, waiting, waiting);
    const past = { uncertain: true, confirmed: false, memory: { machine: 'cp-3' } };
    expect(await bootstrap.check(past, signal)).toMatchObject({ kind: 'todo', memory: { machine: 'cp-3' } });
    await bootstrap.apply!(signal);
    expect(told).toEqual(['cp-3']);
  });

  it.each([
    ['the first', [unclear, waiting, waiting]],
    ['another', [waiting, waiting, unclear]],
    ['the first, while another is a member', [unclear, member('cp-1', 'cp-2'), waiting]],
  ])('waits while %s cannot be judged', async (_what, views) => {
    expect(await site(...views).bootstrap.check(never, signal)).toMatchObject({ kind: 'blocked' });
  });

  it('is done when the chosen machine is a member', async () => {
    expect(await site(member('cp-1'), unclear, waiting).bootstrap.check(never, signal)).toEqual({ kind: 'done' });
  });

  it('waits for the machine that was told, and never tells another, when others are members already', async () => {
    const past = { uncertain: true, confirmed: false, memory: { machine: 'cp-1' } };
    expect(await site(waiting, member('cp-1', 'cp-2'), waiting).bootstrap.check(past, signal)).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('cp-2 is a member already') as string,
    });
  });

  it('refuses to tell another machine when the one that was told is no control plane any more', async () => {
    const past = { uncertain: true, confirmed: false, memory: { machine: 'cp-9' } };
    await expect(site(waiting, waiting, waiting).bootstrap.check(past, signal)).rejects.toMatchObject({
      code: 'installer/bootstrap-machine-gone',
      exitCode: 3,
    });
  });

  it('is done for a cluster that lives, whatever became of the machine on which it began', async () => {
    const replaced = { uncertain: false, confirmed: true, memory: { machine: 'cp-9' } };
    const reset = { uncertain: false, confirmed: true, memory: { machine: 'cp-1' } };
    expect(await site(unclear, member('cp-2', 'cp-3'), waiting).bootstrap.check(replaced, signal)).toEqual({
      kind: 'done',
    });
    expect(await site(waiting, member('cp-2', 'cp-3'), waiting).bootstrap.check(reset, signal)).toEqual({
      kind: 'done',
    });
    expect(await site(unclear, waiting, waiting).bootstrap.check(replaced, signal)).toMatchObject({ kind: 'blocked' });
    await expect(site(waiting, waiting, waiting).bootstrap.check(replaced, signal)).rejects.toMatchObject({
      code: 'installer/bootstrap-machine-gone',
    });
  });

  it('refuses to make a second cluster beside the one of another control plane', async () => {
    await expect(site(waiting, member('old-2'), waiting).bootstrap.check(never, signal)).rejects.toMatchObject({
      code: 'installer/etcd-elsewhere',
      exitCode: 3,
    });
  });
});

describe('joinEtcd', () => {
  it.each<[string, EtcdView[], RegExp]>([
    ['one has not joined', [member('cp-1'), waiting, waiting], /cp-1 sees cp-1; expected/],
    ['one is a learner', [member('cp-1', 'cp-2?'), member('cp-1', 'cp-2?'), waiting], /cp-2 is still a learner/],
    [
      'members disagree',
      [member(...names), member('cp-1', 'cp-2'), member(...names)],
      /cp-2 sees cp-1, cp-2; expected/,
    ],
    ['a stranger votes', [member(...names, 'old-1'), member(...names), member(...names)], /old-1/],
  ])('waits while %s', async (_what, views, reason) => {
    expect(await site(...views).join.check(never, signal)).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('is done when every control plane sees all of them voting', async () => {
    const all = member(...names);
    expect(await site(all, all, all).join.check(never, signal)).toEqual({ kind: 'done' });
  });
});
