import { describe, expect, it } from 'vitest';
import { Journal } from '../core/journal.ts';
import { millis } from '../core/millis.ts';
import { runPlan } from '../core/run-plan.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { healthySpec } from './checks/testing/healthy-rack.ts';
import { type AskTalos, askEtcdCluster } from './etcd-cluster.ts';
import type { InstallSite } from './install-plan.ts';
import { nodeAddPlan } from './node-add-plan.ts';

const never = new AbortController().signal;
const controlPlanes = healthySpec.machines.filter(({ role }) => role === 'controlplane');
const only = (...names: string[]) => healthySpec.machines.filter(({ name }) => names.includes(name));

/** Runs what has to be well with etcd before a machine is added. `voters`: who is a member, one after each look; all answer. */
async function gate(added: readonly string[], voters: readonly (readonly string[])[]) {
  const clock = new VirtualClock();
  const journal = await Journal.open('/journal', { files: new MemoryFiles(), clock });
  let looks = 0;
  const talos: AskTalos = (entry, use) => {
    const now = voters[Math.min(looks, voters.length - 1)] ?? [];
    const idOf = (name: string) => BigInt(name.slice(-1));
    return use({
      etcdMembers: async () =>
        now.map((hostname) => ({ id: idOf(hostname), hostname, peerUrls: [], clientUrls: [], isLearner: false })),
      etcdStatus: async () => ({ memberId: idOf(entry.name), leader: 1n, errors: [] }) as never,
      etcdAlarms: async () => [],
    });
  };
  const site = {
    spec: healthySpec,
    machine: (name: string) => ({ entry: only(name)[0], clock, find: () => Promise.reject(new Error('not asked')) }),
    etcdCluster: async (entries: typeof controlPlanes, signal: AbortSignal) => {
      const cluster = await askEtcdCluster(entries, talos, signal, controlPlanes);
      looks++;
      return cluster;
    },
    talosconfig: { what: 'talosconfig', path: '/talosconfig' },
    kube: () => Promise.reject(new Error('not asked')),
  } as unknown as InstallSite;
  const plan = nodeAddPlan(site, only(...added));
  const end = plan.find(({ id }) => id === 'etcd-health');
  const steps = plan.filter((step) => step === end || end?.after.includes(step.id));
  const { done, failed, held } = await runPlan({
    ...{ plan: steps, journal, clock, emit: () => undefined, pollEvery: millis(2000), pause: never, stop: never },
  });
  return { done, failed: failed.map(({ fault }) => fault.code), held };
}

describe('nodeAddPlan', () => {
  it('goes on after the new control plane has joined and before its install was seen to be done', async () => {
    const { done, failed } = await gate(['cp-3'], [['cp-1', 'cp-2', 'cp-3']]);
    expect(failed).toEqual([]);
    expect(done).toContain('etcd-health');
  });

  it('waits for a control plane that was installed by an earlier run and has not joined', async () => {
    const { done, failed } = await gate(
      [],
      [
        ['cp-1', 'cp-2'],
        ['cp-1', 'cp-2'],
        ['cp-1', 'cp-2', 'cp-3'],
      ],
    );
    expect(failed).toEqual([]);
    expect(done).toContain('join-etcd/cp-3');
  });

  it('does not call etcd healthy while one that was installed never votes', async () => {
    const { done, failed, held } = await gate([], [['cp-1', 'cp-2']]);
    expect(failed).toEqual(['core/step-timeout']);
    expect([done, held]).toEqual([['join-etcd/cp-1', 'join-etcd/cp-2'], ['etcd-health']]);
  });

  it('takes a member of another name for a stranger', async () => {
    expect((await gate(['cp-3'], [['cp-1', 'cp-2', 'old-9']])).failed).toEqual(['installer/etcd-unhealthy']);
  });
});
