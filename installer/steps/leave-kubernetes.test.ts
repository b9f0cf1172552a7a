import { describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject } from '../../cluster/index.ts';
import { defineFault } from '../../core/fault.ts';
import { cordonNode, drainNode } from './leave-kubernetes.ts';

const full = defineFault<{ pod: string }>('test/budget-full', {
  kind: 'environment',
  title: ({ pod }) => `the budget of ${pod} has no room`,
  state: () => '',
  remedy: () => '',
});
const pod = (name: string, metadata: object = {}, node = 'node-1', phase = 'Running'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { nodeName: node },
  status: { phase },
});

/** A cluster with these pods, in which those of `held` may not go. */
function site(pods: readonly KubeObject[], held: readonly string[] = []) {
  const evicted: string[] = [];
  const client: Partial<KubeClient> = {
    list: async () => pods,
    evict: async (name) => {
      if (held.includes(name)) throw full({ pod: name });
      evicted.push(name);
    },
  };
  const step = drainNode('node-1', (use) => use(client as KubeClient), []);
  const { signal } = new AbortController();
  return {
    evicted,
    check: () => step.check({ uncertain: false, confirmed: false }, signal),
    apply: () => step.apply!(signal),
  };
}

describe('drainNode', () => {
  it('moves the pods of the node that can run elsewhere, and no others', async () => {
    const { apply, check, evicted } = site([
      pod('web'),
      pod('elsewhere', {}, 'node-2'),
      pod('ended', {}, 'node-1', 'Succeeded'),
      pod('of-daemonset', { ownerReferences: [{ kind: 'DaemonSet' }] }),
      pod('mirror', { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    ]);
    expect(await check()).toEqual({ kind: 'todo', reason: 'default/web are on it' });
    await apply();
    expect(evicted).toEqual(['web']);
  });

  it('does not let a pod that a budget holds back hold back the others, and says which it is', async () => {
    const { apply, evicted } = site([pod('held'), pod('web')], ['held']);
    await expect(apply()).rejects.toMatchObject({ kind: 'environment', message: 'the budget of held has no room' });
    expect(evicted).toEqual(['web']);
  });

  it('waits for those that are ending, and is done when only its own are left', async () => {
    const { check } = site([pod('web', { deletionTimestamp: '2026-01-01T00:00:00Z' })]);
    expect(await check()).toEqual({ kind: 'blocked', reason: 'waits for default/web to end' });
    expect(await site([pod('of-daemonset', { ownerReferences: [{ kind: 'DaemonSet' }] })]).check()).toEqual({
      kind: 'done',
    });
  });
});

describe('cordonNode', () => {
  const node = (name: string, address: string): KubeObject => ({
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name } },
    status: { addresses: [{ type: 'InternalIP', address }] },
  });
  const check = (...nodes: readonly KubeObject[]) => {
    const client: Partial<KubeClient> = {
      get: async (_version, _kind, name) => nodes.find(({ metadata }) => metadata.name === name),
      list: async () => nodes,
    };
    const entry = { name: 'cp-1', role: 'controlplane', address: '10.0.0.11', disk: { serial: 'S1' } } as const;
    const { signal } = new AbortController();
    return cordonNode(entry, (use) => use(client as KubeClient)).check({ uncertain: false, confirmed: false }, signal);
  };

  it('has nothing to do for a machine that is no node', async () => {
    expect(await check(node('cp-2', '10.0.0.12'))).toEqual({ kind: 'done' });
    expect(await check(node('cp-1', '10.0.0.11'))).toMatchObject({ kind: 'todo' });
  });

  it('refuses for a machine that is a node under another name: nobody would be moved away from it', async () => {
    await expect(check(node('talos-a1', '10.0.0.11'))).rejects.toMatchObject({
      code: 'installer/node-of-another-name',
      exitCode: 3,
    });
  });
});
