import { describe, expect, it } from 'vitest';
import type { TalosObservation } from '../../core/machine.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import type { StepPast } from '../../core/step.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import type { EtcdCluster } from '../etcd-cluster.ts';
import { checkEtcdHealth } from './etcd-health.ts';
import { leaveEtcd } from './leave-etcd.ts';
import { resetMachine } from './reset-machine.ts';

const entry: MachineSpec = { name: 'cp-3', role: 'controlplane', address: '10.0.0.13', disk: { serial: 'S3' } };
const { signal } = new AbortController();
const never: StepPast = { uncertain: false, confirmed: false };
const told: StepPast = { uncertain: true, confirmed: false, memory: { bootMark: 'b1' } };
const running = { mode: 'configured', stage: 'running', bootMark: 'b1', systemDisk: 'sda' };

function step(first: object) {
  let now = first as TalosObservation;
  const did: string[] = [];
  const { check, apply } = resetMachine({
    entry,
    after: [],
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
    expect(await check(never)).toMatchObject({ kind: 'todo', memory: { bootMark: 'b1' } });
    await apply();
    expect(did).toEqual(['forgotten', 'reset']);
    becomes({ ...running, stage: 'resetting' });
    expect(await check(told)).toMatchObject({ kind: 'blocked' });
    becomes({ mode: 'maintenance', stage: 'maintenance', bootMark: 'b2' });
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

  it('waits while Talos is still on a disk', async () => {
    const leftover = { mode: 'maintenance', stage: 'maintenance', bootMark: 'b2', systemDisk: 'sda' };
    expect(await step(leftover).check(told)).toMatchObject({ kind: 'blocked' });
  });
});

const members = (...states: string[]): EtcdCluster => ({
  members: states.map((state, index) => ({
    id: BigInt(index + 1),
    hostname: `cp-${index + 1}`,
    isLearner: false,
    isHealthy: state === 'up',
  })),
  problems: states.includes('dead') ? ['one is dead'] : [],
});

describe('leaveEtcd', () => {
  const leaving = (cluster: EtcdCluster) => {
    const left: bigint[] = [];
    const options = {
      entry,
      after: [],
      ask: async () => cluster,
      leave: async ({ id }: { id: bigint }) => void left.push(id),
    };
    return { ...leaveEtcd(options), left };
  };

  it('is done for who is no member, and lets a member leave by its id while there is a majority without it', async () => {
    expect(await leaving(members('up', 'up')).check(never, signal)).toEqual({ kind: 'done' });
    const { check, apply, left } = leaving(members('up', 'up', 'up'));
    expect(await check(never, signal)).toMatchObject({ kind: 'todo' });
    await apply!(signal);
    expect(left).toEqual([3n]);
  });

  it('refuses when the majority would go, also when that is so only at the last moment', async () => {
    const danger = { code: 'installer/quorum-in-danger', exitCode: 3 };
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
