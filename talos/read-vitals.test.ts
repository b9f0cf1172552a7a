import { describe, expect, it } from 'vitest';
import type { CosiResource, ResourceKind } from './cosi-resource.ts';
import { readVitals } from './read-vitals.ts';
import { talosNotSupported } from './talos-faults.ts';

const resource = (id: string, spec: unknown, phase = 'running'): CosiResource => ({
  id,
  spec,
  phase,
  version: '1',
  created: '',
});
const pod = (name: string) => resource(name, { metadata: { name, namespace: 'kube-system' } });
const ready = (status: string, message?: string) => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status, message }],
});

const vitalsOf = (resources: Readonly<Record<string, readonly CosiResource[]>>) =>
  readVitals({
    services: () => Promise.resolve([{ id: 'kubelet', state: 'Running', lastMessage: '' }]),
    cosiList: ({ type }: ResourceKind) => {
      const found = resources[type.split('.')[0] ?? ''];
      if (found === undefined) throw talosNotSupported({ at: 'x', call: 'List', reason: type });
      return Promise.resolve(found);
    },
  });

describe('readVitals', () => {
  it('says of each static pod why it is not ready, also of one that the kubelet does not know of', async () => {
    const { staticPods } = await vitalsOf({
      StaticPods: ['etcd', 'api', 'job', 'late', 'lost'].map(pod),
      StaticPodStatuses: [
        resource('kube-system/etcd-node-1', ready('True')),
        resource('kube-system/api-node-1', ready('False', 'probe failed')),
        resource('kube-system/job-node-1', { phase: 'Succeeded', conditions: [] }),
        resource('kube-system/late-node-1', { phase: 'Pending', conditions: [] }),
        resource('kube-system/lost-node-1', ready('True'), 'tearingDown'),
      ],
    });
    expect(staticPods).toEqual([
      { name: 'kube-system/etcd' },
      { name: 'kube-system/api', problem: 'is not ready: probe failed' },
      { name: 'kube-system/job' },
      { name: 'kube-system/late', problem: 'is Pending' },
      { name: 'kube-system/lost', problem: 'its kubelet has not started it' },
    ]);
  });

  it('takes the status of a pod for no other one whose name its own begins with', async () => {
    const { staticPods } = await vitalsOf({
      StaticPods: ['etcd', 'etcd-backup'].map(pod),
      StaticPodStatuses: [resource('kube-system/etcd-backup-node-1', ready('True'))],
    });
    expect(staticPods).toEqual([
      { name: 'kube-system/etcd', problem: 'its kubelet has not started it' },
      { name: 'kube-system/etcd-backup' },
    ]);
  });

  it('quotes what Talos diagnoses, with where to read more', async () => {
    const diagnosis = { message: 'two networks overlap', details: ['10.0.0.0/24', '10.0.0.0/16'] };
    const { diagnostics } = await vitalsOf({ Diagnostics: [resource('address-overlap', diagnosis)] });
    expect(diagnostics).toEqual([
      'two networks overlap (10.0.0.0/24; 10.0.0.0/16), see talos.dev/diagnostic/address-overlap',
    ]);
  });

  it('is empty of what this Talos does not have', async () => {
    expect(await vitalsOf({})).toMatchObject({ services: [{ id: 'kubelet' }], staticPods: [], diagnostics: [] });
  });
});
