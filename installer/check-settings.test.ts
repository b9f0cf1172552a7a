import { describe, expect, it } from 'vitest';
import { Journal } from '../core/journal.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { Memory } from '../core/step.ts';
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

const patch = (text: string) => [{ inline: text }];

async function journalWhere(...started: string[]) {
  return journalOf(settingsOf(spec()), ...started);
}

async function journalOf(settings: Memory, ...started: string[]) {
  const journal = await Journal.open('/journal', { files: new MemoryFiles(), clock: new VirtualClock() });
  await journal.append({
    type: 'plan.approved',
    plan: 'd',
    by: 'flags',
    disks: {},
    found: {},
    settings,
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
    [
      'the patches of a machine that was not begun changed',
      { machines: [machine('a'), machine('bb', { patches: patch('x: 1') })] },
    ],
    ['the patches of a role that no machine was begun of changed', { patches: { controlplane: patch('x: 1') } }],
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
    [
      'the mirrors',
      { registries: { mirrors: { '*': { endpoints: ['http://m'] } } } },
      'registries was not there and is {',
    ],
    [
      'a patch of all machines',
      { patches: { all: patch('x: 1') } },
      'machines.a.patches.all was none and is 1 with digest',
    ],
    ['a patch of their role', { patches: { worker: patch('x: 1') } }, 'machines.a.patches.role was none'],
    [
      'a patch of a machine that was begun',
      { machines: [machine('a', { patches: patch('x: 1') }), machine('bb')] },
      'machines.a.patches.machine was none',
    ],
  ])('refuses to go on when %s changed', async (_what, change, words) => {
    const journal = await journalWhere('a');
    expect(() => checkSettings(spec(change), journal)).toThrow(words);
  });

  it('lets everything change while no machine was begun', async () => {
    const journal = await journalWhere();
    expect(() => checkSettings(spec({ cluster: { cni: 'flannel' }, machines: [] }), journal)).not.toThrow();
  });

  it('refuses a patch whose text changed, and remembers no patch itself: it may hold a secret', async () => {
    const before = settingsOf(spec({ patches: { all: patch('machine: { env: { TOKEN: hunter2 } }') } }));
    expect(JSON.stringify(before)).not.toContain('hunter2');
    const journal = await journalOf(before, 'a');
    const changed = spec({ patches: { all: patch('machine: { env: { TOKEN: hunter3 } }') } });
    expect(() => checkSettings(changed, journal)).toThrow(/machines\.a\.patches\.all was 1 with digest/);
  });

  it('says nothing of patches to a journal from before they were remembered', async () => {
    const before = Object.entries(settingsOf(spec())).filter(([path]) => !path.includes('.patches.'));
    const journal = await journalOf(Object.fromEntries(before), 'a');
    expect(() => checkSettings(spec({ patches: { all: patch('x: 1') } }), journal)).not.toThrow();
  });
});

describe('settingsOf', () => {
  const built = (kernelArgument: string, metaValue = 'm', overlayOption = 'o') =>
    spec({
      talos: {
        version: 'v1.13.9',
        schematic: {
          overlay: { image: 'siderolabs/sbc', name: 'rpi', options: { key: overlayOption } },
          customization: {
            extraKernelArgs: [kernelArgument],
            meta: [{ key: 12, value: metaValue }],
            systemExtensions: { officialExtensions: ['siderolabs/drbd'] },
          },
        },
      },
    });
  const schematic = (of: RackSpec) => settingsOf(of)['talos.schematic'];

  it('keeps no kernel argument, META value or overlay option of a schematic, and tells others from them', () => {
    const kept = schematic(built('password=canary', 'canary', 'canary'));
    expect(kept).not.toContain('canary');
    expect(kept).toContain('siderolabs/drbd');
    expect(schematic(built('password=canary', 'canary', 'canary'))).toBe(kept);
    for (const other of [built('x', 'canary', 'canary'), built('password=canary', 'x', 'canary')])
      expect(schematic(other)).not.toBe(kept);
    expect(schematic(built('password=canary', 'canary', 'x'))).not.toBe(kept);
  });

  it('keeps the id of a schematic as it is, and nothing where there is none', () => {
    expect(schematic(spec({ talos: { version: 'v1.13.9', schematic: 'ab' } }))).toBe('ab');
    expect(settingsOf(spec())).not.toHaveProperty(['talos.schematic']);
  });
});
