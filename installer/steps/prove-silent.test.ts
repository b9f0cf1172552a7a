import { describe, expect, it } from 'vitest';
import { Fault } from '../../core/fault.ts';
import type { TalosObservation } from '../../core/machine.ts';
import { minutes, seconds } from '../../core/millis.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import { healthySpec, observationOf } from '../checks/testing/healthy-rack.ts';
import { proveSilent } from './prove-silent.ts';

const [entry] = healthySpec.machines;
const { signal } = new AbortController();
const never = { uncertain: false, confirmed: false };
const fault = (code: string) =>
  new Fault({ code, kind: 'environment', exitCode: 1, title: code, state: '', remedy: '', places: [] });

const nodeOf = (name: string, address: string, ready: string) => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready }], addresses: [{ type: 'InternalIP', address }] },
});

function listening(
  first: TalosObservation | string,
  ready: 'True' | 'False' | 'Unknown' | 'none' = 'Unknown',
  node = 'cp-1',
) {
  const clock = new VirtualClock();
  const world = { answer: first, ready };
  const asked = new Set<string>();
  const step = proveSilent({
    entry: entry!,
    addresses: () => ['10.0.0.11', '10.0.0.101'],
    look: async (address) => {
      asked.add(address);
      if (typeof world.answer === 'string') throw fault(world.answer);
      return world.answer;
    },
    kube: (use) => {
      const nodes = [
        nodeOf('cp-9', '10.0.0.19', 'True'),
        ...(world.ready === 'none' ? [] : [nodeOf(node, '10.0.0.101', world.ready)]),
      ];
      return use({
        get: async (_version: string, _kind: string, name: string) =>
          nodes.find(({ metadata }) => metadata.name === name),
        list: async () => nodes,
      } as never);
    },
    clock,
  });
  return { world, clock, asked, check: () => step.check(never, signal) };
}

describe('proveSilent', () => {
  it.each(['Unknown', 'none'] as const)(
    'is done after a minute of silence, Kubernetes saying %s of it',
    async (ready) => {
      const { check, clock, asked } = listening('talos/unreachable', ready);
      expect(await check()).toMatchObject({ kind: 'blocked' });
      await clock.sleep(seconds(59));
      expect(await check()).toMatchObject({ kind: 'blocked' });
      await clock.sleep(seconds(1));
      expect(await check()).toEqual({ kind: 'done' });
      expect([...asked]).toEqual(['10.0.0.11', '10.0.0.101']);
    },
  );

  it('refuses at once when its Talos answers, in whatever mode', async () => {
    for (const mode of ['configured', 'maintenance'] as const) {
      const { check } = listening(observationOf(1, { mode, stage: 'running' }));
      await expect(check()).rejects.toMatchObject({ code: 'installer/not-silent', exitCode: 3 });
    }
  });

  it('takes another machine at its address for no sign of it', async () => {
    const { check, clock } = listening(observationOf(2));
    await check();
    await clock.sleep(minutes(1));
    expect(await check()).toEqual({ kind: 'done' });
  });

  it.each([
    ['its kubelet says that it is ready', 'talos/unreachable', 'True'],
    ['its kubelet says that it is not ready', 'talos/unreachable', 'False'],
    ['something with other keys answers', 'talos/foreign-certificate', 'Unknown'],
  ] as const)('waits while %s, and refuses when that does not end', async (_what, answer, ready) => {
    const { check, clock } = listening(answer, ready);
    expect(await check()).toMatchObject({ kind: 'blocked' });
    await clock.sleep(minutes(3));
    await expect(check()).rejects.toMatchObject({ code: 'installer/not-silent' });
  });

  it('hears its kubelet, too, when that has another name, by its address', async () => {
    const { check, world, clock } = listening('talos/unreachable', 'True', 'host-17');
    expect(await check()).toEqual({
      kind: 'blocked',
      reason: 'its kubelet still reports to Kubernetes as the node host-17',
    });
    world.ready = 'Unknown';
    await check();
    await clock.sleep(minutes(1));
    expect(await check()).toEqual({ kind: 'done' });
  });

  it('begins anew with the minute after a sign of life', async () => {
    const { check, clock, world } = listening('talos/unreachable');
    await check();
    await clock.sleep(seconds(50));
    world.ready = 'True';
    await check();
    world.ready = 'Unknown';
    await clock.sleep(seconds(50));
    expect(await check()).toMatchObject({ kind: 'blocked' });
  });
});
