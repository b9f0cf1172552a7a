import { describe, expect, it } from 'vitest';
import type { RackSpec } from '../../core/rack-spec.ts';
import { rackChecks } from './rack-checks.ts';
import { mac, observationOf, rackSubject } from './testing/healthy-rack.ts';

type Change = Parameters<typeof rackSubject>[0];

const network = (more: Partial<RackSpec['network']>) => (spec: RackSpec) => ({
  ...spec,
  network: { ...spec.network, ...more },
});
const domains =
  (...racks: (string | undefined)[]) =>
  (spec: RackSpec) => ({
    ...spec,
    machines: spec.machines.map((machine, at) => ({
      ...machine,
      failureDomain: racks[at] === undefined ? undefined : { rack: racks[at] },
    })),
  });
const first = (count: number) => (spec: RackSpec) => ({ ...spec, machines: spec.machines.slice(0, count) });
const dns = (answer: { kind: 'silent' } | { kind: 'knows-not' } | { kind: 'wildcard'; address: string }): Change => ({
  probes: { dns: { name: 'ghcr.io', answers: new Map([['10.0.0.1', answer]]) } },
});
const image = (answer: NonNullable<NonNullable<Change['probes']>['image']>['answer']): Change => ({
  probes: { image: { reference: 'r/x:v1', answer } },
});
/** What the system says, and what the one time server says, in milliseconds. */
const ownClock = (isSynchronized: boolean | undefined, aheadOfServer?: number): Change => ({
  probes: {
    ownClock: {
      ...(isSynchronized === undefined ? {} : { isSynchronized }),
      servers: [{ server: 'ntp.example', ...(aheadOfServer === undefined ? {} : { aheadOfServer, roundTrip: 4 }) }],
    },
  },
});
const ours = observationOf(1, { mode: 'configured', stage: 'running' });

const cases: readonly (readonly [string, 'pass' | 'fail' | 'unknown', Change, RegExp])[] = [
  ['control-planes', 'pass', {}, /3 control planes: 1 may fail/],
  ['control-planes', 'fail', { spec: first(2) }, /2 control planes/],
  ['failure-domains', 'pass', { spec: domains('a', 'b', 'c', 'a') }, /No one rack/],
  ['failure-domains', 'fail', { spec: domains('a', 'a', 'b', 'b') }, /With rack a a majority/],
  ['failure-domains', 'unknown', {}, /cp-1, cp-2, cp-3 stands is not said/],
  ['subnets', 'pass', {}, /are apart/],
  [
    'subnets',
    'fail',
    { spec: (spec) => ({ ...spec, cluster: { ...spec.cluster, podSubnet: '10.0.0.0/16' } }) },
    /overlaps network.subnet/,
  ],
  [
    'subnets',
    'fail',
    { observations: [observationOf(1, { addresses: [{ link: 'eno2', cidr: '10.244.3.4/24' }] })] },
    /10.244.3.4\/24 on eno2/,
  ],
  ['vip', 'pass', {}, /Nobody answers for 10.0.0.10/],
  [
    'vip',
    'pass',
    { probes: { vip: { kind: 'somebody', mac: mac(1) } }, observations: [ours] },
    /control plane of this cluster/,
  ],
  ['vip', 'fail', { probes: { vip: { kind: 'somebody', mac: mac(1) } } }, /answers for 10.0.0.10/],
  ['vip', 'fail', { probes: { vip: { kind: 'ourselves' } } }, /this computer/],
  ['vip', 'fail', { spec: network({ vip: '10.9.0.1' }) }, /no host of 10.0.0.0\/24/],
  ['vip', 'unknown', { probes: { vip: { kind: 'unasked', why: 'no ARP' } } }, /no ARP/],
  ['own-clock', 'pass', {}, /is 0.0 s ahead of ntp.example\./],
  ['own-clock', 'pass', ownClock(undefined, -3000), /3.0 s behind ntp.example, which is more than it should be/],
  ['own-clock', 'pass', ownClock(false, 20), /0.0 s ahead of ntp.example/],
  ['own-clock', 'pass', ownClock(true), /says that its clock is synchronised; ntp.example does not answer/],
  ['own-clock', 'fail', ownClock(true, 60_000), /60.0 s ahead of ntp.example/],
  ['own-clock', 'fail', ownClock(false), /is not synchronised, and ntp.example does not answer/],
  ['own-clock', 'fail', { probes: { ownClock: { isSynchronized: false, servers: [] } } }, /no time server is named/],
  ['own-clock', 'unknown', ownClock(undefined), /does not tell whether/],
  ['gateway', 'pass', {}, /10.0.0.1 answers/],
  ['gateway', 'fail', { probes: { gateway: { kind: 'nobody' } } }, /Nobody answers for the gateway/],
  ['gateway', 'unknown', { spec: network({ gateway: undefined }) }, /names no gateway/],
  ['default-route', 'pass', {}, /10.0.0.1/],
  ['default-route', 'fail', { spec: network({ gateway: undefined, nameservers: ['1.1.1.1'] }) }, /no way to 1.1.1.1/],
  ['default-route', 'unknown', { spec: network({ gateway: undefined }) }, /inside of the subnet/],
  ['dns', 'pass', {}, /10.0.0.1 know ghcr.io/],
  ['dns', 'fail', dns({ kind: 'silent' }), /does not answer/],
  ['dns', 'fail', dns({ kind: 'knows-not' }), /does not know ghcr.io/],
  ['dns', 'fail', dns({ kind: 'wildcard', address: '1.2.3.4' }), /1.2.3.4, for names that nobody has/],
  ['dns', 'unknown', { spec: network({ nameservers: [] }) }, /no name server/],
  ['installer-image', 'pass', {}, /sha256:ab/],
  [
    'installer-image',
    'fail',
    image({ kind: 'missing', says: 'r answers 404' }),
    /does not have r\/x:v1: r answers 404/,
  ],
  ['installer-image', 'unknown', image({ kind: 'unasked', why: 'no route' }), /no route/],
  ['network-between', 'pass', { spec: first(1) }, /one machine/],
  [
    'network-between',
    'fail',
    { observations: [observationOf(1), observationOf(2, { address: '10.9.0.2' })] },
    /cp-2 at 10.9.0.2: outside/,
  ],
  ['network-between', 'unknown', {}, /within 2 ms/],
];

describe('the checks of the rack', () => {
  it.each(cases)('%s: %s', (id, status, change, words) => {
    const finding = rackChecks.find((check) => check.id === id)!.judge(rackSubject(change));
    expect(finding).toMatchObject({ status, says: expect.stringMatching(words) as string });
    expect(finding.hint === undefined).toBe(status === 'pass');
  });

  it('have each a case that fails, one that passes, and one that nobody knows', () => {
    for (const { id, isOfFile } of rackChecks) {
      const covered = new Set<string>(cases.filter((one) => one[0] === id).map((one) => one[1]));
      const wanted = isOfFile === true ? ['pass', 'fail'] : ['pass', 'fail', 'unknown'];
      expect([id, wanted.filter((status) => !covered.has(status))]).toEqual([id, []]);
    }
  });
});
