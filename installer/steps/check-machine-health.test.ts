import { describe, expect, it } from 'vitest';
import type { TalosObservation } from '../../core/machine.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
import type { TalosService, Vitals } from '../../talos/index.ts';
import { checkMachineHealth } from './check-machine-health.ts';

const entry: MachineSpec = { name: 'cp-1', role: 'controlplane', address: '10.0.0.11', disk: { serial: 'S' } };
const running: TalosObservation = {
  address: '10.0.0.11',
  mode: 'configured',
  stage: 'running',
  isReady: true,
  unmetConditions: [],
  version: 'v1.13.9',
  bootMark: '1',
  links: [],
  addresses: [],
  disks: [],
};
const service = (id: string, more: Partial<TalosService> = {}): TalosService => ({
  id,
  state: 'Running',
  isHealthy: true,
  lastMessage: '',
  ...more,
});
const needed = ['machined', 'apid', 'trustd', 'etcd', 'kubelet'];
const well: Vitals = {
  services: needed.map((id) => service(id)),
  staticPods: [{ name: 'kube-system/kube-apiserver' }],
  diagnostics: [],
};
const ask = (
  observation: Partial<TalosObservation>,
  cni: 'none' | 'flannel',
  { gateway, vitals, role }: { gateway?: string; vitals?: Partial<Vitals>; role?: 'worker' } = {},
) =>
  checkMachineHealth(
    { ...entry, ...(role === undefined ? {} : { role }) },
    {
      find: async () => ({ ...running, ...observation }),
      vitals: async () => ({ ...well, ...vitals }),
      spec: { cluster: { cni }, network: { gateway } } as RackSpec,
      after: [],
    },
  ).check({ uncertain: false, confirmed: false }, new AbortController().signal);

describe('checkMachineHealth', () => {
  it.each<[string, Partial<TalosObservation>, 'none' | 'flannel', RegExp]>([
    ['in maintenance', { mode: 'maintenance' }, 'none', /maintenance/],
    ['still booting', { stage: 'booting' }, 'none', /booting/],
    ['without a service', { unmetConditions: ['services: etcd not running'] }, 'none', /etcd not running/],
    [
      'without a static pod of the control plane',
      { unmetConditions: ['staticPods: mine/web pending, kube-system/kube-scheduler-cp-1 not ready'] },
      'none',
      /waits for staticPods: kube-system\/kube-scheduler-cp-1 not ready$/,
    ],
    ['without a static pod', { unmetConditions: ['staticPods: mine/web pending'] }, 'flannel', /mine\/web pending/],
    [
      'not Ready and something else',
      { unmetConditions: ['nodeReady: NotReady', 'time: not synced'] },
      'none',
      /running; waits for time: not synced$/,
    ],
  ])('waits for a machine that is %s', async (_what, observation, cni, reason) => {
    expect(await ask(observation, cni)).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('takes a machine for healthy that only lacks the pod network which Flux will bring', async () => {
    expect(await ask({ isReady: false, unmetConditions: ['nodeReady: node is not ready'] }, 'none')).toEqual({
      kind: 'done',
    });
    expect(await ask({ unmetConditions: ['staticPods: mine/web pending'] }, 'none')).toEqual({ kind: 'done' });
    expect(await ask({}, 'flannel')).toEqual({ kind: 'done' });
  });

  it('leaves to Kubernetes whether the node is Ready, so that one that is cordoned holds up nothing', async () => {
    const cordoned = { isReady: false, unmetConditions: ['nodeReady: node "cp-1" is unschedulable'] };
    expect(await ask(cordoned, 'flannel')).toEqual({ kind: 'done' });
  });

  it.each<[string, Partial<Vitals>, RegExp]>([
    [
      'a service is not started',
      { services: well.services.filter(({ id }) => id !== 'trustd') },
      /^trustd is not started$/,
    ],
    [
      'a service waits',
      { services: [...well.services.slice(0, 4), service('kubelet', { state: 'Waiting', lastMessage: 'for cri' })] },
      /^kubelet is Waiting: for cri$/,
    ],
    [
      'a service calls itself unhealthy',
      { services: [...well.services, service('ext-a', { isHealthy: false, lastMessage: 'timeout' })] },
      /^ext-a is not healthy: timeout$/,
    ],
    [
      'a service has failed',
      { services: [...well.services, service('ext-a', { state: 'Failed' })] },
      /^ext-a is Failed$/,
    ],
    [
      'the API server is not ready',
      { staticPods: [{ name: 'kube-system/kube-apiserver', problem: 'is Pending' }] },
      /^kube-system\/kube-apiserver is Pending$/,
    ],
    ['Talos has found something wrong', { diagnostics: ['networks overlap'] }, /^networks overlap$/],
    [
      'several things are wrong',
      { services: [...well.services, service('ext-a', { state: 'Failed' })], diagnostics: ['networks overlap'] },
      /^ext-a is Failed; networks overlap$/,
    ],
  ])('waits while %s, and says so', async (_what, vitals, reason) => {
    expect(await ask({}, 'flannel', { vitals })).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('does not wait for a service of an extension that waits for its config, nor for what another role has', async () => {
    const services = [...well.services, service('ext-tailscale', { state: 'Waiting' })];
    expect(await ask({}, 'flannel', { vitals: { services } })).toEqual({ kind: 'done' });
    const ofWorker = ['machined', 'apid', 'kubelet'].map((id) => service(id));
    expect(await ask({}, 'flannel', { role: 'worker', vitals: { services: ofWorker, staticPods: [] } })).toEqual({
      kind: 'done',
    });
  });

  it('does not wait for a static pod that needs the pod network which Flux will bring', async () => {
    const staticPods = [{ name: 'mine/web', problem: 'is Pending' }];
    expect(await ask({}, 'none', { vitals: { staticPods } })).toEqual({ kind: 'done' });
    expect(await ask({}, 'flannel', { vitals: { staticPods } })).toMatchObject({ kind: 'blocked' });
  });

  it('asks what runs on a machine only once Talos calls it running', async () => {
    const step = checkMachineHealth(entry, {
      find: async () => ({ ...running, stage: 'booting' }),
      vitals: () => Promise.reject(new Error('asked too early')),
      spec: { cluster: { cni: 'flannel' }, network: {} } as RackSpec,
      after: [],
    });
    const past = { uncertain: false, confirmed: false };
    expect(await step.check(past, new AbortController().signal)).toEqual({ kind: 'blocked', reason: 'booting' });
  });

  it('does not wait for a way out of a network that has none', async () => {
    const cut = { unmetConditions: ['network: waiting on: connectivity'] };
    expect(await ask(cut, 'flannel')).toEqual({ kind: 'done' });
    expect(await ask(cut, 'flannel', { gateway: '10.0.0.1' })).toMatchObject({ kind: 'blocked' });
    expect(await ask({ unmetConditions: ['network: waiting on: address, connectivity'] }, 'flannel')).toMatchObject({
      kind: 'blocked',
    });
  });
});
