import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import type { TalosClient } from '../talos/index.ts';
import { askEtcd, askOwnEtcd } from './ask-etcd.ts';

const { signal } = new AbortController();
const fault = (code: string, kind: 'operator' | 'environment', title = code) =>
  new Fault({ code, kind, exitCode: 1, title, state: '', remedy: '', places: [] });
type Files = ReturnType<TalosClient['listFiles']>;

const machine = (state: string | undefined, paths: readonly string[] | Fault = [''], hostnames: string[] = []) => ({
  services: async () => (state === undefined ? [] : [{ id: 'etcd', state }]) as never,
  etcdMembers: async () => hostnames.map((hostname) => ({ hostname, isLearner: false })) as never,
  listFiles: async function* () {
    if (paths instanceof Fault) throw paths;
    for (const path of paths) {
      const [relativePath, error] = path.split('!');
      yield { relativePath, ...(error === undefined ? {} : { error }) };
    }
  } as unknown as () => Files,
});

describe('askEtcd', () => {
  it.each<[string, Parameters<typeof machine>, object]>([
    ['waits for its first member', ['Preparing'], { kind: 'waiting' }],
    ['goes on with its data after a reboot', ['Preparing', ['', 'member']], { kind: 'unclear' }],
    ['prepares where files may not be read', ['Preparing', fault('talos/forbidden', 'operator')], { kind: 'unclear' }],
    [
      'prepares where files are not known',
      ['Preparing', fault('talos/not-supported', 'operator')],
      { kind: 'unclear' },
    ],
    ['prepares on a disk that fails', ['Preparing', fault('talos/failed', 'environment')], { kind: 'unclear' }],
    ['prepares on data that cannot be looked at', ['Preparing', ['', 'member!I/O error']], { kind: 'unclear' }],
    ['prepares on a directory that cannot be looked at', ['Preparing', ['.!I/O error']], { kind: 'unclear' }],
    [
      'prepares before Talos has made its directory',
      ['Preparing', fault('talos/failed', 'environment', 'lstat /var/lib/etcd: no such file or directory')],
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

describe('askOwnEtcd', () => {
  const own = (status: bigint | Fault, paths: readonly string[] | Fault = ['.']) =>
    askOwnEtcd(
      {
        listFiles: machine(undefined, paths).listFiles,
        etcdStatus: async () => {
          if (status instanceof Fault) throw status;
          return { memberId: status } as never;
        },
      },
      signal,
    );
  const silent = fault('talos/unreachable', 'environment');

  it('is told by the member itself, also of a machine that is no control plane', async () => {
    expect(await own(7n)).toEqual({ kind: 'member', id: 7n });
    expect(await own(fault('talos/not-supported', 'operator'))).toEqual({ kind: 'none' });
  });

  it('takes an etcd that does not answer for a member that may be, unless it has no data', async () => {
    expect(await own(silent, ['.', 'member'])).toEqual({ kind: 'unclear', reason: 'talos/unreachable' });
    expect(await own(silent, fault('talos/forbidden', 'operator'))).toMatchObject({ kind: 'unclear' });
    expect(await own(silent)).toEqual({ kind: 'none' });
    await expect(own(silent, silent)).rejects.toMatchObject({ code: 'talos/unreachable' });
  });
});
