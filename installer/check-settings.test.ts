import { describe, expect, it } from 'vitest';
import { Journal } from '../core/journal.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { checkSettings, settingsOf } from './check-settings.ts';

const machine = (name: string, more: object = {}) => ({
  name,
  role: 'worker',
  address: `10.0.0.${name.length}`,
  disk: {},
  ...more,
});
const spec = (more: object = {}): RackSpec =>
  ({
    talos: { version: 'v1.13.9', installer: 'i' },
    kubernetes: { version: 'v1.34.1' },
    network: { interface: 'eno1', vip: '10.0.0.9' },
    cluster: { cni: 'none' },
    machines: [machine('a'), machine('bb')],
    ...more,
  }) as unknown as RackSpec;

async function journalWhere(...started: string[]) {
  const journal = await Journal.open('/journal', { files: new MemoryFiles(), clock: new VirtualClock() });
  await journal.append({
    type: 'plan.approved',
    plan: 'd',
    by: 'flags',
    disks: {},
    found: {},
    settings: settingsOf(spec()),
  });
  for (const name of started) await journal.append({ type: 'step.started', step: `install/${name}` });
  return journal;
}

describe('checkSettings', () => {
  it.each<[string, object]>([
    ['nothing changed', {}],
    ['the interface that boots are served on changed', { network: { interface: 'eno2', vip: '10.0.0.9' } }],
    ['a machine is new', { machines: [machine('a'), machine('bb'), machine('ccc')] }],
    [
      'a machine that was not begun has another role',
      { machines: [machine('a'), machine('bb', { role: 'controlplane' })] },
    ],
  ])('lets a run go on when %s', async (_what, change) => {
    const journal = await journalWhere('a');
    expect(() => checkSettings(spec(change), journal)).not.toThrow();
  });

  it.each<[string, object, string]>([
    ['the VIP', { network: { interface: 'eno1', vip: '10.0.0.8' } }, 'network.vip was 10.0.0.9 and is 10.0.0.8'],
    ['the pod network', { cluster: { cni: 'flannel' } }, 'cluster.cni was none and is flannel'],
    [
      'the role of a machine that was begun',
      { machines: [machine('a', { role: 'controlplane' }), machine('bb')] },
      'machines.a.role was worker and is controlplane',
    ],
    [
      'the network of a machine that was begun',
      { machines: [machine('a', { network: { mtu: 9000 } }), machine('bb')] },
      'machines.a.network was not there and is {"mtu":9000}',
    ],
    [
      'the name of a machine that was begun',
      { machines: [machine('z'), machine('bb')] },
      'machines.a.role was worker and is not there',
    ],
  ])('refuses to go on when %s changed', async (_what, change, words) => {
    const journal = await journalWhere('a');
    expect(() => checkSettings(spec(change), journal)).toThrow(words);
  });

  it('lets everything change while no machine was begun', async () => {
    const journal = await journalWhere();
    expect(() => checkSettings(spec({ cluster: { cni: 'flannel' }, machines: [] }), journal)).not.toThrow();
  });
});
