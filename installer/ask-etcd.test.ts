import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import type { TalosClient } from '../talos/index.ts';
import { askEtcd } from './ask-etcd.ts';

const { signal } = new AbortController();
const fault = (code: string, kind: 'operator' | 'environment') =>
  new Fault({ code, kind, exitCode: 1, title: code, state: '', remedy: '', places: [] });
type Files = ReturnType<TalosClient['listFiles']>;

const machine = (state: string | undefined, paths: readonly string[] | Fault = [''], hostnames: string[] = []) => ({
  services: async () => (state === undefined ? [] : [{ id: 'etcd', state }]) as never,
  etcdMembers: async () => hostnames.map((hostname) => ({ hostname, isLearner: false })) as never,
  listFiles: async function* () {
    if (paths instanceof Fault) throw paths;
    for (const relativePath of paths) yield { relativePath };
  } as unknown as () => Files,
});

describe('askEtcd', () => {
  it.each<[string, Parameters<typeof machine>, object]>([
    ['waits for its first member', ['Preparing'], { kind: 'waiting' }],
    ['goes on with its data after a reboot', ['Preparing', ['', 'member']], { kind: 'unclear' }],
    [
      'prepares, and its files cannot be read',
      ['Preparing', fault('talos/forbidden', 'operator')],
      { kind: 'waiting' },
    ],
    ['prepares before there is a directory', ['Preparing', fault('talos/not-found', 'operator')], { kind: 'waiting' }],
    ['is not started', [undefined], { kind: 'unclear' }],
    ['is starting', ['Starting'], { kind: 'unclear', reason: 'etcd is Starting' }],
    ['runs', ['Running', [''], ['cp-1']], { kind: 'member' }],
    ['runs alone with itself', ['Running'], { kind: 'unclear' }],
  ])('sees that etcd %s', async (_what, [state, paths, hostnames], view) => {
    expect(await askEtcd(machine(state, paths, hostnames), signal)).toMatchObject(view);
  });

  it('does not take a machine that fell silent for one without data', async () => {
    const silent = machine('Preparing', fault('talos/unreachable', 'environment'));
    await expect(askEtcd(silent, signal)).rejects.toMatchObject({ code: 'talos/unreachable' });
  });
});
