import { describe, expect, it } from 'vitest';
import type { TalosObservation } from '../../core/machine.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
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
const ask = (observation: Partial<TalosObservation>, cni: 'none' | 'flannel', gateway?: string) =>
  checkMachineHealth(entry, {
    find: async () => ({ ...running, ...observation }),
    spec: { cluster: { cni }, network: { gateway } } as RackSpec,
    after: [],
  }).check({ uncertain: false, confirmed: false }, new AbortController().signal);

describe('checkMachineHealth', () => {
  it.each<[string, Partial<TalosObservation>, 'none' | 'flannel', RegExp]>([
    ['in maintenance', { mode: 'maintenance' }, 'none', /maintenance/],
    ['still booting', { stage: 'booting' }, 'none', /booting/],
    ['without a service', { unmetConditions: ['services: etcd not running'] }, 'none', /etcd not running/],
    ['not Ready though its pod network is there', { unmetConditions: ['nodeReady: NotReady'] }, 'flannel', /nodeReady/],
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
    expect(await ask({}, 'flannel')).toEqual({ kind: 'done' });
  });

  it('does not wait for a way out of a network that has none', async () => {
    const cut = { unmetConditions: ['network: waiting on: connectivity'] };
    expect(await ask(cut, 'flannel')).toEqual({ kind: 'done' });
    expect(await ask(cut, 'flannel', '10.0.0.1')).toMatchObject({ kind: 'blocked' });
    expect(await ask({ unmetConditions: ['network: waiting on: address, connectivity'] }, 'flannel')).toMatchObject({
      kind: 'blocked',
    });
  });
});
