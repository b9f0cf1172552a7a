import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import {
  type AskTalos,
  askEtcdCluster,
  type EtcdCluster,
  reasonNotToForget,
  reasonNotToRemove,
} from './etcd-cluster.ts';

const { signal } = new AbortController();
const names = ['cp-1', 'cp-2', 'cp-3'];
const entries = (some: readonly string[]) =>
  some.map(
    (name): MachineSpec => ({
      name,
      role: 'controlplane',
      address: `10.0.0.1${name.slice(-1)}`,
      disk: { serial: name },
    }),
  );

/** `cp-2` is member 2; a mark of exclamation makes another member of the same name. */
const idOf = (name: string) => BigInt(name.replace(/\D/g, '')) + (name.includes('!') ? 100n : 0n);

interface Node {
  /** The id that it gives itself. */
  readonly id?: bigint;
  /** Names of the members that it sees; a question mark for a learner. */
  readonly sees?: readonly string[];
  readonly isSilent?: boolean;
  readonly leader?: bigint;
  readonly errors?: readonly string[];
  readonly alarm?: string;
  /** It has no majority: what needs one is not answered. */
  readonly isAlone?: boolean;
}
const silent = new Fault({
  code: 'talos/unreachable',
  kind: 'environment',
  exitCode: 1,
  title: '10.0.0.9 did not answer',
  state: '',
  remedy: '',
  places: [],
});
const asking =
  (nodes: Readonly<Record<string, Node>>): AskTalos =>
  async (entry, use) => {
    const {
      sees = names,
      isSilent,
      isAlone,
      leader = 1n,
      errors = [],
      alarm,
      id = idOf(entry.name),
    } = nodes[entry.name] ?? {};
    if (isSilent) throw silent;
    return use({
      etcdMembers: async () =>
        sees.map((name) => ({
          id: idOf(name),
          hostname: name.startsWith('+') ? '' : name.replace(/[?!]/g, ''),
          peerUrls: [`https://10.0.0.1${idOf(name)}:2380`],
          isLearner: name.endsWith('?'),
        })) as never,
      etcdStatus: async () => ({ memberId: id, ...(leader === 0n ? {} : { leader }), errors }) as never,
      etcdAlarms: async () => {
        if (isAlone) throw silent;
        return (alarm === undefined ? [] : [{ memberId: 1n, alarm }]) as never;
      },
    });
  };

describe('askEtcdCluster', () => {
  it('finds nothing wrong with members that answer, agree, have a leader and vote', async () => {
    const cluster = await askEtcdCluster(entries(names), asking({}), signal);
    expect(cluster.problems).toEqual([]);
    expect(cluster.members.map(({ hostname, isHealthy }) => [hostname, isHealthy])).toEqual(
      names.map((name) => [name, true]),
    );
  });

  it.each<[string, Record<string, Node>, RegExp]>([
    ['one is silent', { 'cp-2': { isSilent: true } }, /did not answer/],
    ['one knows no leader', { 'cp-2': { leader: 0n } }, /etcd on cp-2 knows no leader/],
    ['one reports an error', { 'cp-2': { errors: ['etcdserver: no space'] } }, /cp-2 reports etcdserver: no space/],
    ['one raises an alarm', { 'cp-2': { alarm: 'NOSPACE' } }, /cp-2 raises the alarm NOSPACE/],
    [
      'one is a learner',
      Object.fromEntries(names.map((name) => [name, { sees: ['cp-1', 'cp-2', 'cp-3?'] }])),
      /cp-3 is still a learner/,
    ],
    ['they do not agree', { 'cp-3': { sees: ['cp-1', 'cp-3'] } }, /do not agree/],
    [
      'a stranger votes',
      Object.fromEntries(names.map((name) => [name, { sees: [...names, 'old-9'] }])),
      /old-9 is no control plane/,
    ],
  ])('says what is wrong when %s', async (_what, nodes, problem) => {
    const { problems } = await askEtcdCluster(entries(names), asking(nodes), signal);
    expect(problems.join('; ')).toMatch(problem);
  });

  it('does not hold it against etcd that a control plane that is no member does not answer', async () => {
    const nodes = Object.fromEntries(names.map((name) => [name, { sees: ['cp-1', 'cp-2'] }]));
    const { problems } = await askEtcdCluster(entries(names), asking({ ...nodes, 'cp-3': { isSilent: true } }), signal);
    expect(problems).toEqual([]);
  });

  it('tells a living member from a dead one of the same name by its id', async () => {
    const sees = ['cp-1!', ...names];
    const nodes = Object.fromEntries(names.map((name) => [name, { sees }]));
    const { members, problems } = await askEtcdCluster(entries(names), asking(nodes), signal);
    expect(members.map(({ id, isHealthy }) => [id, isHealthy])).toEqual([
      [101n, false],
      [1n, true],
      [2n, true],
      [3n, true],
    ]);
    expect(problems).toEqual(['cp-1 is a member twice, and only one of them answers']);
  });

  it('doubts who is a member where machines call themselves something else in etcd', async () => {
    const sees = ['talos-1', 'talos-2', 'talos-3'];
    const nodes = Object.fromEntries(names.map((name) => [name, { sees }]));
    const { doubts } = await askEtcdCluster(entries(names), asking(nodes), signal);
    expect(doubts[0]).toBe('cp-1 calls itself talos-1 in etcd, which is no control plane of the rack file');
  });

  it('asks a control plane that has joined meanwhile, too, and takes it for no stranger', async () => {
    const some = entries(['cp-1', 'cp-2']);
    const well = await askEtcdCluster(some, asking({}), signal, entries(names));
    expect(well.problems).toEqual([]);
    expect(well.members.every(({ isHealthy }) => isHealthy)).toBe(true);
    const ill = await askEtcdCluster(some, asking({ 'cp-3': { isSilent: true } }), signal, entries(names));
    expect(ill.problems).toEqual(['10.0.0.9 did not answer']);
  });

  it('knows a member that has not started, and so has no name, by its address', async () => {
    const nodes = Object.fromEntries(names.map((name) => [name, { sees: ['cp-1', 'cp-2', '+3?'] }]));
    const { members, doubts } = await askEtcdCluster(
      entries(names),
      asking({ ...nodes, 'cp-3': { isSilent: true } }),
      signal,
    );
    expect(members[2]).toMatchObject({ hostname: 'cp-3', isHealthy: false });
    expect(doubts).toEqual([]);
  });

  it('hears from a member without a majority who is one, and takes it for unwell', async () => {
    const others = { 'cp-2': { isSilent: true }, 'cp-3': { isSilent: true } };
    const found = await askEtcdCluster(entries(names), asking({ 'cp-1': { isAlone: true }, ...others }), signal);
    expect(found.members.map(({ hostname, isHealthy }) => [hostname, isHealthy])).toEqual(
      names.map((name) => [name, false]),
    );
    expect(found.problems[0]).toMatch(/etcd on cp-1 does not answer what needs a majority/);
    expect(reasonNotToForget(found, 2n)).toMatch(/only 0 of 3 members are healthy/);
  });

  it('has no members when nobody answers', async () => {
    const all = Object.fromEntries(names.map((name) => [name, { isSilent: true }]));
    expect(await askEtcdCluster(entries(names), asking(all), signal)).toMatchObject({ members: [] });
  });
});

const cluster = (...states: string[]): EtcdCluster => ({
  members: states.map((state, index) => ({
    id: BigInt(index + 1),
    hostname: `cp-${index + 1}`,
    isLearner: state === 'learner',
    isHealthy: state !== 'dead',
    isTold: true,
  })),
  problems: [],
  doubts: [],
});

describe('reasonNotToRemove', () => {
  it.each<[string, EtcdCluster, string, RegExp | undefined]>([
    ['a healthy one of three', cluster('up', 'up', 'up'), 'cp-3', undefined],
    ['the dead one of three', cluster('up', 'up', 'dead'), 'cp-3', undefined],
    ['a healthy one of three while another is dead', cluster('up', 'up', 'dead'), 'cp-1', /only 1 would be healthy/],
    ['a healthy one of five while one is dead', cluster('up', 'up', 'up', 'up', 'dead'), 'cp-1', undefined],
    ['a healthy one of five while two are dead', cluster('up', 'up', 'up', 'dead', 'dead'), 'cp-1', /only 2 would be/],
    ['any while the majority is gone', cluster('up', 'dead', 'dead'), 'cp-3', /only 1 of 3 members are healthy/],
    ['the only one', cluster('up'), 'cp-1', /last member/],
    ['one of two', cluster('up', 'up'), 'cp-2', undefined],
    ['the dead one of two', cluster('up', 'dead'), 'cp-2', /have to agree/],
    ['one while another joins', cluster('up', 'up', 'learner'), 'cp-1', /cp-3 is still joining/],
    ['the one that joins', cluster('up', 'up', 'learner'), 'cp-3', undefined],
  ])('judges taking away %s', (_what, before, name, reason) => {
    const found = reasonNotToRemove(before, idOf(name));
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(reason);
  });

  it('counts a dead member that has the name of a living one', () => {
    const double = { ...cluster('up', 'dead', 'up') };
    const members = double.members.map((member) => (member.id === 2n ? { ...member, hostname: 'cp-1' } : member));
    expect(reasonNotToRemove({ ...double, members }, 3n)).toMatch(/only 1 would be healthy/);
  });

  it('lets nobody go while it is in doubt who is a member', () => {
    expect(reasonNotToRemove({ ...cluster('up', 'up', 'up'), doubts: ['they do not agree'] }, 1n)).toBe(
      'they do not agree',
    );
  });

  it('never lets a removal go that cannot be agreed on, or that leaves the others without a majority', () => {
    const states = fc.array(fc.constantFrom('up', 'dead', 'learner'), { minLength: 1, maxLength: 9 });
    const property = fc.property(states, fc.nat({ max: 8 }), (all, pick) => {
      const before = cluster(...all);
      const name = `cp-${(pick % all.length) + 1}`;
      if (reasonNotToRemove(before, idOf(name)) !== undefined) return;
      const voters = before.members.filter(({ isLearner }) => !isLearner);
      const left = voters.filter(({ hostname }) => hostname !== name);
      const healthy = (some: typeof voters) => some.filter(({ isHealthy }) => isHealthy).length;
      expect(healthy(voters) * 2).toBeGreaterThan(voters.length);
      expect(healthy(left) * 2).toBeGreaterThan(left.length);
    });
    fc.assert(property);
  });
});

describe('reasonNotToForget', () => {
  it.each<[string, EtcdCluster, string, RegExp | undefined]>([
    ['the dead one of three', cluster('up', 'up', 'dead'), 'cp-3', undefined],
    ['the dead one of five', cluster('up', 'up', 'up', 'up', 'dead'), 'cp-5', undefined],
    ['one of two dead ones of five', cluster('up', 'up', 'up', 'dead', 'dead'), 'cp-5', /^cp-4 is not healthy either$/],
    ['the dead one of two', cluster('up', 'dead'), 'cp-2', /have to agree/],
    ['the only one', cluster('dead'), 'cp-1', /last member/],
    ['a dead one while another joins', cluster('up', 'up', 'dead', 'learner'), 'cp-3', /cp-4 is still joining/],
  ])('judges taking away %s', (_what, before, name, reason) => {
    const found = reasonNotToForget(before, idOf(name));
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(reason);
  });

  it('lets the second member of the same dead machine go', () => {
    const double = cluster('up', 'up', 'up', 'up', 'dead', 'dead');
    const members = double.members.map((member) => (member.id === 6n ? { ...member, hostname: 'cp-5' } : member));
    expect(reasonNotToForget({ ...double, members }, 5n)).toBeUndefined();
  });

  it('never removes while another is unwell, nor where reasonNotToRemove would not', () => {
    const states = fc.array(fc.constantFrom('up', 'dead', 'learner'), { minLength: 1, maxLength: 9 });
    const property = fc.property(states, fc.nat({ max: 8 }), (all, pick) => {
      const before = cluster(...all);
      const id = BigInt((pick % all.length) + 1);
      if (reasonNotToForget(before, id) !== undefined) return;
      expect(reasonNotToRemove(before, id)).toBeUndefined();
      expect(before.members.every((member) => member.id === id || member.isHealthy)).toBe(true);
    });
    fc.assert(property);
  });
});
