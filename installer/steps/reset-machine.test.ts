import { describe, expect, it } from 'vitest';
import type { TalosObservation } from '../../core/machine.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import type { StepPast } from '../../core/step.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import type { OwnEtcd } from '../ask-etcd.ts';
import type { EtcdCluster } from '../etcd-cluster.ts';
import type { DiskId } from '../resolve-disk.ts';
import { checkEtcdHealth } from './etcd-health.ts';
import { leaveEtcd } from './leave-etcd.ts';
import { resetMachine } from './reset-machine.ts';

const entry: MachineSpec = { name: 'cp-3', role: 'controlplane', address: '10.0.0.13', disk: { serial: 'S3' } };
const { signal } = new AbortController();
const never: StepPast = { uncertain: false, confirmed: false };
const told: StepPast = {
  ...{ uncertain: true, confirmed: false },
  memory: { bootMark: 'b1', disk: 'serial serial-sda' },
};
const disk = (name: string, more: object = {}) => ({
  ...{ name, path: `/dev/${name}`, serial: `serial-${name}`, transport: 'sata', readOnly: false, contents: [] },
  ...more,
});
const disks = [disk('sda'), disk('sdb')];
const approvedDisk = 'serial serial-sda' as DiskId;
const running = {
  ...{ mode: 'configured', stage: 'running', bootMark: 'b1', systemDisk: 'sda', disks, leftovers: [] },
  image: { extensions: ['drbd'] },
};
const { systemDisk: _, ...wiped } = { ...running, mode: 'maintenance', stage: 'maintenance', bootMark: 'b2' };
const leftover = (name: string, label: string, mayHold = 'machine config') => ({
  ...{ disk: name, partition: `${name}5`, label, mayHold },
});

function step(first: object, approved: DiskId | undefined = approvedDisk) {
  let now = first as TalosObservation;
  const did: string[] = [];
  const { check, apply } = resetMachine({
    entry,
    after: [],
    approved,
    find: async () => now,
    forget: async () => void did.push('forgotten'),
    reset: async () => void did.push('reset'),
  });
  return {
    check: (past: StepPast) => check(past, signal),
    apply: () => apply!(signal),
    did,
    becomes: (next: object) => {
      now = next as TalosObservation;
    },
  };
}

describe('resetMachine', () => {
  it('remembers the boot, forgets the install before it wipes, and is done in maintenance mode on an empty disk', async () => {
    const { check, apply, did, becomes } = step(running);
    expect(await check(never)).toMatchObject({ kind: 'todo', memory: told.memory });
    await apply();
    expect(did).toEqual(['forgotten', 'reset']);
    becomes({ ...running, stage: 'resetting' });
    expect(await check(told)).toMatchObject({ kind: 'blocked' });
    becomes(wiped);
    expect(await check(told)).toEqual({ kind: 'done' });
  });

  it('tells the machine again when a crash came between the record and the call', async () => {
    expect(await step(running).check(told)).toMatchObject({ kind: 'todo', untouched: true });
  });

  it('does not tell a machine that came back from its disk again by itself', async () => {
    await expect(step({ ...running, bootMark: 'b2' }).check(told)).rejects.toMatchObject({
      code: 'installer/reset-failed',
    });
  });

  it('does not reset a machine that rebooted since it was looked at', async () => {
    const { check, apply, did, becomes } = step(running);
    await check(never);
    becomes({ ...running, bootMark: 'b2' });
    await apply();
    expect(did).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['Talos is still on a disk', { systemDisk: 'sda' }, /Talos still on sda/],
    ['an install is still on the disk that was wiped', { leftovers: [leftover('sda', 'STATE')] }, /STATE .* on sda5/],
    ['nobody has read that disk', { disks: [disk('sda', { isUnprobed: true })] }, /nobody has read .* \/dev\/sda/],
    ['that disk is not there', { disks: [disk('sdb')] }, /does not show the disk serial serial-sda/],
    ['nobody has read what is left', { leftovers: undefined }, /nobody has read/],
  ])('waits while %s', async (_what, now, reason) => {
    expect(await step({ ...wiped, ...now }).check(told)).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('looks at no other disk than the one that was wiped, and at all while nobody remembers which that was', async () => {
    const onOther = { ...wiped, leftovers: [leftover('sdb', 'EPHEMERAL')] };
    expect(await step(onOther).check(told)).toEqual({ kind: 'done' });
    expect(await step(onOther).check(never)).toMatchObject({ kind: 'blocked' });
    const users = { ...wiped, leftovers: [leftover('sdb', 'u-data', 'user data')] };
    expect(await step(users).check(never)).toEqual({ kind: 'done' });
  });

  it('wipes no other disk than the one that was approved, also when it has become another at the last moment', async () => {
    const changed = { code: 'installer/system-disk-changed' };
    const other = { ...running, systemDisk: 'sdb' };
    await expect(step(other).check(never)).rejects.toMatchObject(changed);
    const { check, apply, did, becomes } = step(running);
    await check(never);
    becomes(other);
    await expect(apply()).rejects.toMatchObject(changed);
    expect(did).toEqual([]);
  });

  it.each([
    ['on a disk', [disk('sda'), disk('sdb', { contents: [{ kind: 'drbd', on: 'sdb', user: 'drbd1000' }] })]],
    ['on a logical volume', [disk('sda'), disk('drbd1000')]],
  ])('does not reset a machine on which DRBD is in use %s', async (_where, using) => {
    const inUse = { code: 'installer/drbd-in-use', exitCode: 3 };
    await expect(step({ ...running, disks: using }).check(never)).rejects.toMatchObject(inUse);
    const { check, apply, did, becomes } = step(running);
    await check(never);
    becomes({ ...running, disks: using });
    await expect(apply()).rejects.toMatchObject(inUse);
    expect(did).toEqual([]);
  });

  it('waits while it is not known whether DRBD uses a disk, unless its Talos has no DRBD', async () => {
    const unread = { ...running, disks: [disk('sda'), disk('sdb', { isUnprobed: true })] };
    expect(await step(unread).check(never)).toMatchObject({ kind: 'blocked' });
    expect(await step({ ...unread, image: { extensions: [] } }).check(never)).toMatchObject({ kind: 'todo' });
  });
});

const members = (...states: string[]): EtcdCluster => ({
  members: states.map((state, index) => ({
    id: BigInt(index + 1),
    hostname: `cp-${index + 1}`,
    isLearner: false,
    isHealthy: state === 'up',
    isTold: state === 'up',
  })),
  problems: states.includes('dead') ? ['one is dead'] : [],
  doubts: [],
});

const isMember3: OwnEtcd = { kind: 'member', id: 3n };
const isNone: OwnEtcd = { kind: 'none' };
const isUnclear: OwnEtcd = { kind: 'unclear', reason: 'no answer' };

describe('leaveEtcd', () => {
  const leaving = (cluster: EtcdCluster, own: OwnEtcd = isMember3, role: MachineSpec['role'] = 'controlplane') => {
    const left: bigint[] = [];
    const options = {
      entry: { ...entry, role },
      after: [],
      own: async () => own,
      ask: async () => cluster,
      leave: async ({ id }: { id: bigint }) => void left.push(id),
    };
    return { ...leaveEtcd(options), left };
  };
  const named = (cluster: EtcdCluster, id: bigint, hostname: string, more: Partial<EtcdCluster> = {}): EtcdCluster => ({
    ...cluster,
    members: cluster.members.map((one) => (one.id === id ? { ...one, hostname } : one)),
    ...more,
  });
  const remembers: StepPast = { uncertain: true, confirmed: false, memory: { member: '3' } };
  const danger = { code: 'installer/quorum-in-danger', exitCode: 3 };

  it('is done for who is no member, and lets a member leave by its id while there is a majority without it', async () => {
    expect(await leaving(members('up', 'up'), isNone).check(never, signal)).toEqual({ kind: 'done' });
    const { check, apply, left } = leaving(members('up', 'up', 'up'));
    expect(await check(never, signal)).toMatchObject({ kind: 'todo', memory: { member: '3' } });
    await apply!(signal);
    expect(left).toEqual([3n]);
  });

  it('knows the member by its own word, whatever its name in etcd is', async () => {
    const cluster = named(members('up', 'up', 'up'), 3n, 'talos-a1');
    expect(await leaving(cluster).check(never, signal)).toMatchObject({ kind: 'todo' });
    const doubts = ['talos-a1 is no control plane of the rack file'];
    await expect(leaving({ ...cluster, doubts }).check(never, signal)).rejects.toMatchObject(danger);
  });

  it('is not done by a name that is missing while the member that it was is listed', async () => {
    const cluster = named(members('up', 'up', 'up'), 3n, 'talos-a1');
    expect(await leaving(cluster, isUnclear).check(remembers, signal)).toMatchObject({ kind: 'todo' });
    expect(await leaving(members('up', 'up'), isUnclear).check(remembers, signal)).toEqual({ kind: 'done' });
  });

  it('asks a machine that the rack file calls a worker, too', async () => {
    const silent = members();
    expect(await leaving(silent, isNone, 'worker').check(never, signal)).toEqual({ kind: 'done' });
    expect(await leaving(members('up', 'up', 'up'), isMember3, 'worker').check(never, signal)).toMatchObject({
      kind: 'todo',
    });
    await expect(leaving(members('up', 'dead', 'up'), isMember3, 'worker').check(never, signal)).rejects.toMatchObject(
      danger,
    );
  });

  it('takes a dead member of its name out when its machine has none any more', async () => {
    const { check, apply, left } = leaving(members('up', 'up', 'dead'), isNone);
    expect(await check(never, signal)).toMatchObject({ kind: 'todo' });
    await apply!(signal);
    expect(left).toEqual([3n]);
  });

  it('does not take silence for having left while another silent member may be it', async () => {
    const cluster = named(members('up', 'up', 'up', 'dead'), 4n, 'talos-x');
    const others = { ...cluster, members: cluster.members.filter(({ id }) => id !== 3n) };
    expect(await leaving(others, isUnclear).check(never, signal)).toMatchObject({ kind: 'blocked' });
    expect(await leaving(members('up', 'up'), isUnclear).check(never, signal)).toEqual({ kind: 'done' });
  });

  it('refuses for a machine whose etcd is one of which the others know nothing', async () => {
    await expect(leaving(members('up', 'up')).check(never, signal)).rejects.toMatchObject(danger);
  });

  it('refuses when the majority would go, also when that is so only at the last moment', async () => {
    const { check, apply, left } = leaving(members('up', 'dead', 'up'));
    await expect(check(never, signal)).rejects.toMatchObject(danger);
    await expect(apply!(signal)).rejects.toMatchObject(danger);
    expect(left).toEqual([]);
  });

  it('takes silence for no answer, not for an empty member list', async () => {
    await expect(leaving(members()).check(never, signal)).rejects.toMatchObject({ code: 'installer/etcd-silent' });
  });
});

describe('checkEtcdHealth', () => {
  it('waits a minute for what is wrong to pass, and refuses then with all of it', async () => {
    const clock = new VirtualClock();
    let now = members('up', 'dead', 'up');
    const { check } = checkEtcdHealth({ id: 'etcd-health', what: 'cp-4', after: [], ask: async () => now, clock });
    expect(await check(never, signal)).toEqual({ kind: 'blocked', reason: 'one is dead' });
    now = members('up', 'up', 'up');
    expect(await check(never, signal)).toEqual({ kind: 'done' });
    now = members('up', 'dead', 'up');
    await check(never, signal);
    await clock.sleep(minutes(1));
    await expect(check(never, signal)).rejects.toMatchObject({ code: 'installer/etcd-unhealthy', exitCode: 3 });
  });
});
