import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isBlocking } from '../../core/check-result.ts';
import type { TalosSettings } from '../../core/rack-spec/talos-settings.ts';
import type { MachineNetwork } from '../../core/rack-spec.ts';
import { catalog, machineChecks } from './catalog.ts';
import { checkMachine, obstaclesIn } from './run-checks.ts';
import { disk, healthySpec, mac, machineSubject, now, observationOf, rackOf } from './testing/healthy-rack.ts';

type Change = Parameters<typeof machineSubject>[0];
type Status = 'pass' | 'fail' | 'unknown' | 'pending';

const bond = (more: Partial<NonNullable<MachineNetwork['bond']>> = {}): { network: MachineNetwork } => ({
  network: { bond: { name: 'bond0', mode: 'active-backup', members: [{ mac: mac(1) }], miimonMs: 100, ...more } },
});
const port = (more: object = {}) => ({ name: 'eno1', mac: mac(1), isUp: true, isPhysical: true, mtu: 1500, ...more });
const lacp = bond({ mode: '802.3ad', members: [{ mac: mac(1) }, { mac: mac(11) }] });
/** Two ports in a bond that the machine booted with, whose speed the kernel adds up. */
const bonded = (speedMbit: number, mode = '802.3ad', ports: readonly string[] = ['eno1', 'eno2']) => [
  port({ speedMbit: 10_000 }),
  port({ name: 'eno2', mac: mac(11), speedMbit: 10_000 }),
  { name: 'bond0', mac: mac(1), isUp: true, isPhysical: false, speedMbit, bond: { mode, ports } },
];
const jumbo: Change = {
  spec: { machines: healthySpec.machines.map((machine) => ({ ...machine, network: { mtu: 9000 } })) },
  entry: { network: { mtu: 9000 } },
};
const others = [observationOf(2), observationOf(3)];
const drbd = { schematic: 'd'.repeat(64), extensions: ['drbd'] };
const factory = (schematic: TalosSettings['schematic']) => ({ talos: { version: 'v1.13.9', schematic } });
const built = (...officialExtensions: string[]) => ({ customization: { systemExtensions: { officialExtensions } } });
const clock = { kind: 'told', aheadOfUs: 0, roundTrip: 4, server: 's', aheadOfServer: 0 } as const;

/** For each check what makes it fail, what makes it pass, and what makes nobody know; and words that it then says. */
const unread = disk('D', { name: 'sdb', path: '/dev/sdb', isUnprobed: true });

const cases: readonly (readonly [string, Status, Change, RegExp])[] = [
  ['reachable', 'pass', {}, /Talos v1.13.9 answers at 10.0.0.101/],
  ['reachable', 'fail', { talos: { mode: 'configured', stage: 'running' } }, /has a config already/],
  [
    'reachable',
    'unknown',
    { isSilent: true, machine: { lastReading: { at: 0, observation: observationOf(1) } } },
    /does not now/,
  ],
  ['identity', 'pass', {}, /uuid 4c4c4544-0042-3510-8052-b4c04f593101/],
  ['identity', 'pass', { machine: { uuid: '00000000-0000-0000-0000-000000000000' } }, /its MAC address 52:54/],
  ['identity', 'fail', { machine: { conflicts: [{ mac: mac(1), others: ['cp-9'] }] } }, /of cp-1 and cp-9/],
  [
    'identity',
    'fail',
    {
      machine: { uuid: '03000200-0400-0500-0006-000700080009' },
      entry: { mac: undefined, uuid: '03000200-0400-0500-0006-000700080009' },
    },
    /many boards/,
  ],
  [
    'identity',
    'unknown',
    { machine: { uuid: undefined as never }, entry: { mac: undefined } },
    /has not said its UUID/,
  ],
  ['hostname', 'pass', {}, /cp-1 is valid/],
  ['hostname', 'fail', { entry: { name: 'CP_1' } }, /no host name/],
  ['hostname', 'fail', { entry: { name: 'cp-2' } }, /2 machines are called cp-2/],
  ['bmc', 'pass', {}, /10.1.0.11 answers \(Redfish 1.15.0\)/],
  [
    'bmc',
    'fail',
    { probes: { bmc: { kind: 'silent', address: '10.1.0.11', why: 'no answer' } } },
    /10.1.0.11 does not answer/,
  ],
  ['bmc', 'unknown', { probes: { bmc: undefined as never } }, /names no management controller/],
  ['cpu', 'pass', {}, /16 cores/],
  ['cpu', 'fail', { talos: { hardware: { processors: [{ cores: 1 }] } } }, /1 cores; a controlplane needs 2/],
  ['cpu', 'unknown', { talos: { hardware: {} } }, /not known/],
  ['cpu', 'unknown', { talos: { hardware: { processors: [{ model: 'x' }] } } }, /not known/],
  ['memory', 'pass', {}, /65536 MiB/],
  ['memory', 'fail', { talos: { hardware: { memory: { totalMiB: 1024, modules: [] } } } }, /1024 MiB/],
  [
    'memory',
    'unknown',
    { talos: { hardware: {}, unknown: [{ fact: 'memory', why: 'not supported' }] } },
    /not supported/,
  ],
  ['firmware-mode', 'pass', {}, /UEFI/],
  ['firmware-mode', 'fail', { talos: { hardware: { firmwareMode: 'bios' } } }, /BIOS mode/],
  ['firmware-mode', 'unknown', { talos: { hardware: {} } }, /not known/],
  ['secure-boot', 'pass', {}, /off/],
  ['secure-boot', 'fail', { talos: { hardware: { secureBoot: true } } }, /not the signed one/],
  [
    'secure-boot',
    'pass',
    { talos: { hardware: { secureBoot: true } }, spec: { talos: { version: 'v1.13.9', secureBoot: true } } },
    /signed/,
  ],
  ['secure-boot', 'unknown', { talos: { hardware: {} } }, /not known/],
  ['talos-version', 'pass', { talos: { version: 'v1.14.0' } }, /v1.14.0/],
  ['talos-version', 'fail', { talos: { version: 'v1.12.3' } }, /booted Talos v1.12.3/],
  ['talos-version', 'unknown', { talos: { version: 'unknown' } }, /Talos unknown/],
  ['schematic', 'pass', {}, /without extensions; the plain installer/],
  ['schematic', 'pass', { talos: { image: drbd }, spec: factory(drbd.schematic) }, /booted the schematic d+, which is/],
  ['schematic', 'pass', { talos: { image: drbd }, spec: factory(built('siderolabs/drbd', 'a/zfs')) }, /has them, too/],
  ['schematic', 'fail', { talos: { image: drbd }, spec: factory(built('a/zfs')) }, /booted with drbd .* has no drbd/],
  ['schematic', 'fail', { talos: { image: drbd } }, /the plain installer has no drbd/],
  ['schematic', 'fail', { talos: { image: drbd }, spec: factory('e'.repeat(64)) }, /the schematic e+ is another one/],
  [
    'schematic',
    'unknown',
    { talos: { image: drbd }, spec: { talos: { version: 'v1.13.9', installer: 'mine/installer' } } },
    /cannot be told/,
  ],
  [
    'schematic',
    'unknown',
    { talos: { image: undefined as never, unknown: [{ fact: 'image', why: 'not supported' }] } },
    /not supported/,
  ],
  ['install-disk', 'pass', {}, /serial S1/],
  ['install-disk', 'fail', { talos: { disks: [disk('X')] } }, /fits none/],
  [
    'install-disk',
    'fail',
    { entry: { disk: { transport: 'nvme' } }, talos: { disks: [disk('A'), disk('B', { name: 'nvme1n1' })] } },
    /2 disks/,
  ],
  [
    'install-disk',
    'fail',
    { entry: { disk: { transport: 'nvme' } }, talos: { disks: [disk('', { serial: undefined as never })] } },
    /no serial/,
  ],
  ['install-disk', 'unknown', { talos: { disks: [] } }, /no disk at all/],
  [
    'install-disk-content',
    'pass',
    {},
    // Not that it is empty: Talos knows a dozen formats.
    /^Talos recognises nothing on \/dev\/nvme0n1\.$/,
  ],
  [
    'install-disk-content',
    'pass',
    { talos: { disks: [disk('S1', { signatures: ['gpt', 'ext4 on nvme0n1p1'] })] } },
    /gpt, ext4 on nvme0n1p1: all of it/,
  ],
  [
    'install-disk-content',
    'fail',
    { talos: { disks: [disk('S1', { isUnprobed: true })], bootMark: '2026-09-11T09:40:00Z' } },
    /since it was started/,
  ],
  ['install-disk-content', 'pending', { talos: { disks: [disk('S1', { isUnprobed: true })] } }, /has not read .* yet/],
  ['install-disk-content', 'unknown', { talos: { disks: [] } }, /not one install disk/],
  ['install-disk-size', 'pass', {}, /480 GB/],
  ['install-disk-size', 'fail', { talos: { disks: [disk('S1', { sizeBytes: 4_000_000_000n })] } }, /4 GB/],
  ['install-disk-size', 'unknown', { talos: { disks: [disk('S1', { sizeBytes: 0n })] } }, /does not say its size/],
  ['install-disk-fixed', 'pass', {}, /by nvme/],
  ['install-disk-fixed', 'fail', { talos: { disks: [disk('S1', { transport: 'usb' })] } }, /by usb/],
  ['install-disk-fixed', 'unknown', { talos: { disks: [disk('S1', { transport: '' })] } }, /not known/],
  [
    'install-disk-alone',
    'pass',
    { talos: { disks: [disk('S1', { signatures: ['lvm2-pv'] }), disk('D', { name: 'sdb', signatures: ['gpt'] })] } },
    /No other disk/,
  ],
  [
    'install-disk-alone',
    'fail',
    {
      talos: {
        disks: [
          disk('S1', { signatures: ['gpt', 'lvm2-pv on nvme0n1p2'] }),
          disk('D', { name: 'sdb', path: '/dev/sdb', signatures: ['lvm2-pv'] }),
        ],
      },
    },
    /\/dev\/nvme0n1 and \/dev\/sdb carry lvm2/,
  ],
  ['install-disk-alone', 'pending', { talos: { disks: [disk('S1', { isUnprobed: true })] } }, /not known yet/],
  [
    'install-disk-alone',
    'pending',
    { talos: { disks: [disk('S1', { signatures: ['lvm2-pv'] }), unread] } },
    /on \/dev\/sdb is not known yet/,
  ],
  [
    'install-disk-alone',
    'fail',
    { talos: { disks: [disk('S1', { signatures: ['lvm2-pv'] }), unread], bootMark: '2026-09-11T09:40:00Z' } },
    /has not read what is on \/dev\/sdb since/,
  ],
  ['install-disk-alone', 'pass', { talos: { disks: [disk('S1', { signatures: ['gpt'] }), unread] } }, /No other disk/],
  ['install-disk-alone', 'unknown', { talos: { disks: [] } }, /not one install disk/],
  ['old-install', 'pass', {}, /No disk holds/],
  ['old-install', 'fail', { talos: { systemDisk: 'sdb' } }, /\/dev\/sdb holds an old Talos/],
  [
    'old-install',
    'fail',
    { talos: { leftovers: [{ disk: 'sdb', partition: 'sdb2', label: 'META', mayHold: 'metadata' }] } },
    /sdb/,
  ],
  ['old-install', 'pending', { talos: { disks: [disk('S1'), unread] } }, /on \/dev\/sdb is not known yet/],
  [
    'old-install',
    'unknown',
    { talos: { disks: [disk('S1'), unread], bootMark: '2026-09-11T09:40:00Z' } },
    /has not read what is on \/dev\/sdb since/,
  ],
  ['old-install', 'pass', { talos: { disks: [disk('S1'), { ...unread, sizeBytes: 0n }] } }, /No disk holds/],
  [
    'data-disks',
    'pass',
    { talos: { disks: [disk('S1'), disk('D', { name: 'sdb', path: '/dev/sdb', signatures: ['xfs'] })] } },
    /Not written: \/dev\/sdb .*serial D \(xfs\)/,
  ],
  ['data-disks', 'fail', { entry: { storage: [{ minSizeGB: 100 }] } }, /storage disk of cp-1 as well/],
  ['data-disks', 'unknown', { talos: { disks: [] } }, /not known/],
  ['disk-latency', 'pass', { entry: { role: 'worker' } }, /no etcd on a worker/],
  ['disk-latency', 'fail', { talos: { disks: [disk('S1', { rotational: true })] } }, /rotating/],
  ['disk-latency', 'unknown', {}, /cannot be measured/],
  ['link-speed', 'pass', {}, /10000 Mbit/],
  ['link-speed', 'fail', { talos: { links: [port({ speedMbit: 100 })] } }, /100 Mbit\/s; 1000/],
  ['link-speed', 'fail', { talos: { links: [port({ isUp: false })] } }, /eno1 has no link/],
  ['link-speed', 'unknown', { talos: { links: [port()] } }, /does not say its speed/],
  ['bond', 'pass', {}, /no bond/],
  ['bond', 'pass', { entry: bond() }, /eno1 of bond0 is up/],
  ['bond', 'fail', { entry: bond({ members: [{ mac: mac(8) }] }) }, /No port of cp-1 is 52:54:00:00:00:08/],
  ['bond', 'fail', { entry: bond({ members: [{ name: 'eno*' }], count: 2 }) }, /2 ports, and eno1 would/],
  ['bond', 'fail', { entry: bond(), talos: { links: [port({ isUp: false })] } }, /no link/],
  ['bond', 'unknown', { entry: bond({ mode: '802.3ad' }) }, /booted without one/],
  ['bond', 'pass', { entry: lacp, talos: { links: bonded(20_000) } }, /20000 of 20000 Mbit\/s: LACP uses all of them/],
  ['bond', 'fail', { entry: lacp, talos: { links: bonded(10_000) } }, /10000 of 20000 Mbit\/s: LACP does not use all/],
  ['bond', 'unknown', { entry: lacp, talos: { links: bonded(20_000, 'active-backup') } }, /booted without one/],
  ['bond', 'unknown', { entry: lacp, talos: { links: bonded(20_000, '802.3ad', ['eno1']) } }, /booted without one/],
  ['mtu', 'pass', {}, /packet of 1500 bytes gets from this computer to it; its ports carry eno1 1500/],
  ['mtu', 'fail', { entry: { network: { mtu: 9000 } } }, /9000, cp-2, cp-3, node-1 another/],
  ['mtu', 'fail', { probes: { packets: { kind: 'lost', sizeBytes: 1500 } } }, /1500 bytes does not get .* a small one/],
  ['mtu', 'pass', { ...jumbo, probes: { packets: { kind: 'through', sizeBytes: 9000 } } }, /packet of 9000/],
  ['mtu', 'unknown', jumbo, /packet of 1500 bytes gets .*; 9000 could not be tried/],
  ['mtu', 'unknown', { probes: { packets: { kind: 'unasked', why: 'a firewall' } } }, /could not be tried: a firewall/],
  ['mtu', 'unknown', { probes: { packets: undefined as never }, talos: { links: [] } }, /not yet; what its ports/],
  ['address-free', 'pass', {}, /Nobody answers/],
  ['address-free', 'pass', { probes: { address: { kind: 'somebody', mac: mac(1) } } }, /its own/],
  [
    'address-free',
    'fail',
    { probes: { address: { kind: 'somebody', mac: mac(7) } } },
    /52:54:00:00:00:07 answers for 10.0.0.11/,
  ],
  ['address-free', 'fail', { probes: { address: { kind: 'ourselves' } } }, /this computer/],
  [
    'address-free',
    'fail',
    { others: [...others, observationOf(4, { addresses: [{ link: 'eno1', cidr: '10.0.0.11/24' }] })] },
    /is the address of 52:54:00:00:00:04/,
  ],
  ['address-free', 'unknown', { probes: { address: { kind: 'unasked', why: 'no ARP' } } }, /no ARP/],
  ['clock', 'pass', {}, /0.0 s ahead/],
  ['clock', 'pass', { probes: { clock: { ...clock, aheadOfUs: -3000 } } }, /3.0 s behind .* more than it should be/],
  ['clock', 'fail', { probes: { clock: { ...clock, aheadOfUs: 60_000 } } }, /60.0 s ahead/],
  [
    'clock',
    'fail',
    { probes: { clock: { kind: 'untold', why: 'x' } }, talos: { bootMark: '2026-09-11T11:00:00Z' } },
    /3600.0 s from now/,
  ],
  ['clock', 'unknown', { probes: { clock: { kind: 'untold', why: 'not supported' } } }, /not supported/],
  ['time-sync', 'pass', {}, /ntp.example/],
  ['time-sync', 'fail', { probes: { clock: { ...clock, aheadOfServer: -9000 } } }, /9.0 s behind s/],
  ['time-sync', 'unknown', { probes: { clock: { kind: 'untold', why: 'no way there' } } }, /no way there/],
];

describe('the checks of a machine', () => {
  it.each(cases)('%s: %s', (id, status, change, words) => {
    const finding = machineChecks.find((check) => check.id === id)!.judge(machineSubject(change));
    expect(finding).toMatchObject({ status, says: expect.stringMatching(words) as string });
    expect(finding.hint === undefined).toBe(status === 'pass');
  });

  it('have each a case that fails, one that passes, and one that nobody knows', () => {
    for (const { id, isOfFile } of machineChecks) {
      const covered = new Set(cases.filter((one) => one[0] === id).map((one) => one[1]));
      const wanted = isOfFile === true ? ['pass', 'fail'] : ['pass', 'fail', 'unknown'];
      expect([id, wanted.filter((status) => !covered.has(status as Status))]).toEqual([id, []]);
    }
    expect(cases.map(([id]) => id).filter((id) => !catalog.has(id))).toEqual([]);
  });

  it('never pass a machine that does not answer, where they need its facts', () => {
    const needs = machineChecks.filter(({ id, isOfFile }) => isOfFile !== true && id !== 'bmc' && id !== 'bond');
    for (const { id, judge } of needs) {
      const { status } = judge(
        machineSubject({ isSilent: true, machine: { uuid: undefined as never }, entry: { mac: undefined } }),
      );
      expect([id, status]).not.toEqual([id, 'pass']);
    }
  });

  it('are each a row of docs/checks.md, with their id', () => {
    const page = readFileSync('docs/checks.md', 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)`/gm)].map(([, id]) => id);
    expect(rows.toSorted()).toEqual([...catalog.keys()].toSorted());
  });
});

describe('checkMachine', () => {
  const slow = observationOf(1, { links: [port({ speedMbit: 100 })] });
  const input = {
    spec: healthySpec,
    rack: rackOf(slow, observationOf(2), observationOf(3), observationOf(4)),
    probes: { rack: {}, machines: new Map() },
    now,
  };

  it('names what stands in the way of one machine, and of no other', () => {
    expect(obstaclesIn(checkMachine('cp-1', { ...input, overrides: [] }))).toEqual([
      'link-speed: eno1 runs at 100 Mbit/s; 1000 are needed.',
    ]);
    expect(obstaclesIn(checkMachine('cp-2', { ...input, overrides: [] }))).toEqual([]);
  });

  it.each([
    ['for this machine', { check: 'link-speed', machine: 'cp-1', reason: 'lab' }, false],
    ['for all machines', { check: 'link-speed', reason: 'lab' }, false],
    ['for another machine', { check: 'link-speed', machine: 'cp-2', reason: 'lab' }, true],
    ['of another check', { check: 'mtu', reason: 'lab' }, true],
  ])('lets an override %s stand for its check alone', (_what, override, blocks) => {
    const results = checkMachine('cp-1', { ...input, overrides: [override] });
    const result = results.find(({ check }) => check === 'link-speed')!;
    expect(result.status).toBe('fail');
    expect(isBlocking(result)).toBe(blocks);
  });

  it('lets no override stand for a check that protects data, wherever it was written', () => {
    const old = { leftovers: [{ disk: 'sdb', partition: 'sdb2', label: 'META', mayHold: 'metadata' as const }] };
    const rack = rackOf(observationOf(1, old), observationOf(2), observationOf(3), observationOf(4));
    const overrides = [{ check: 'old-install', reason: 'lab' }];
    expect(obstaclesIn(checkMachine('cp-1', { ...input, rack, overrides }))).toEqual([
      'old-install: /dev/sdb holds an old Talos.',
    ]);
  });
});
