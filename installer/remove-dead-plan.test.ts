import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { healthySpec } from './checks/testing/healthy-rack.ts';
import type { EtcdCluster } from './etcd-cluster.ts';
import { removeDeadPlan } from './remove-dead-plan.ts';

const never = { uncertain: false, confirmed: false };
const { signal } = new AbortController();
const clusterOf = (...names: readonly string[]): EtcdCluster => ({
  members: names.map((name, at) => ({
    id: BigInt(at + 1),
    hostname: name.replace(/!/, ''),
    isLearner: false,
    isHealthy: !name.includes('!'),
    isTold: !name.includes('!'),
  })),
  problems: [],
  doubts: [],
});

function planFor(name: string, cluster: EtcdCluster) {
  const entry = healthySpec.machines.find((one) => one.name === name)!;
  const left: bigint[] = [];
  const kube = () => Promise.reject(new Error('Kubernetes is not asked here'));
  const plan = removeDeadPlan({
    entry,
    silence: { addresses: () => [], look: kube, kube, clock: new VirtualClock() },
    removed: { isNoted: () => false, note: async () => undefined },
    etcd: { ask: async () => cluster, leave: async ({ id }) => void left.push(id) },
    kube,
  });
  const leave = plan.find(({ id }) => id === `leave-etcd/${name}`)!;
  return { plan, left, check: () => leave.check(never, signal), apply: () => leave.apply!(signal) };
}

describe('removeDeadPlan', () => {
  it('proves silence, remembers the machine, and only then tells etcd, and Kubernetes after that', () => {
    const { plan } = planFor('cp-2', clusterOf('cp-1', 'cp-2!', 'cp-3'));
    expect(plan.map(({ id, after }) => [id, after])).toEqual([
      ['silent/cp-2', []],
      ['quarantine/cp-2', ['silent/cp-2']],
      ['leave-etcd/cp-2', ['quarantine/cp-2']],
      ['delete-node/cp-2', ['leave-etcd/cp-2']],
    ]);
  });

  it('removes the member by its id while all others are well', async () => {
    const { check, apply, left } = planFor('cp-2', clusterOf('cp-1', 'cp-2!', 'cp-3'));
    expect(await check()).toMatchObject({ kind: 'todo', memory: { member: '2' } });
    await apply();
    expect(left).toEqual([2n]);
  });

  it('refuses, also at the last moment, while another member is unwell though etcd would bear it', async () => {
    const { check, apply, left } = planFor('cp-2', clusterOf('cp-1', 'cp-2!', 'cp-3', 'cp-4', 'cp-5!'));
    const danger = { code: 'installer/quorum-in-danger', exitCode: 3 };
    await expect(check()).rejects.toMatchObject({
      ...danger,
      message: expect.stringMatching(/cp-5 is not healthy/) as string,
    });
    await expect(apply()).rejects.toMatchObject(danger);
    expect(left).toEqual([]);
  });

  it('has nothing to remove of a worker, nor of a member that has gone already', async () => {
    const cluster = clusterOf('cp-1', 'cp-3');
    expect(await planFor('node-1', cluster).check()).toEqual({ kind: 'done' });
    expect(await planFor('cp-2', cluster).check()).toEqual({ kind: 'done' });
  });

  it('is in doubt while a silent member may be the machine under another name', async () => {
    expect(await planFor('cp-2', clusterOf('cp-1', 'old-name!', 'cp-3')).check()).toMatchObject({ kind: 'blocked' });
  });
});
