import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../core/check-result.ts';
import type { TalosObservation } from '../core/machine.ts';
import { seconds } from '../core/millis.ts';
import { blocked, done, type Plan, todo, type Verdict } from '../core/step.ts';
import { disk, healthySpec, now, observationOf, rackOf } from './checks/testing/healthy-rack.ts';
import { guardInstalls, guardSite } from './guard-install.ts';
import type { InstallSite } from './install-plan.ts';
import type { OpenRack } from './open-rack.ts';

const past = { uncertain: false, confirmed: false };
const { signal } = new AbortController();
const pins = new Map([['cp-1', 'print-1']]);

/** The guarded install of cp-1, which answers `verdict` by itself, while the machine is as said. */
function guarded(
  verdict: Verdict,
  {
    talos = {},
    checks = [],
    overrides = [],
    found = 'nothing',
    pinned = pins,
    kept = [],
  }: {
    talos?: Partial<TalosObservation>;
    checks?: readonly CheckResult[];
    overrides?: { check: string; reason: string }[];
    /** What was on the disk of cp-1 when the plan was made. */
    found?: string;
    pinned?: ReadonlyMap<string, string>;
    /** What is done and written to the journal. */
    kept?: unknown[];
  } = {},
) {
  // A Talos API at an address of this computer where nobody listens.
  const rack = rackOf(
    observationOf(1, { ...talos, address: '127.99.250.1' }),
    observationOf(2),
    observationOf(3),
    observationOf(4),
  );
  const open = {
    options: { rackFile: { spec: healthySpec } },
    watch: { rack: () => rack },
    journal: { append: async (record: unknown) => void kept.push(record) },
    ports: { clock: { now: () => new Date(now), monotonic: () => 0 }, network: { interfaces: () => [] } },
  } as unknown as OpenRack;
  const install = (name: string) => ({
    id: `install/${name}`,
    title: name,
    after: [],
    timeout: seconds(1),
    check: async () => verdict,
    apply: async () => void kept.push('applied'),
  });
  const plan: Plan = guardInstalls([install('cp-1'), { ...install('cp-2'), id: 'nodes' }], {
    open,
    overrides,
    pins: pinned,
    found: new Map([['cp-1', found]]),
    checks,
  });
  return plan.map((step) => {
    const check = (before = past) => step.check(before, signal);
    return Object.assign(check, { apply: () => step.apply?.(signal) });
  });
}

const unfit: CheckResult = { check: 'cpu', machine: 'cp-1', status: 'fail', says: 'It has 0 cores.' };
const slow = { links: [{ ...observationOf(1).links[0]!, speedMbit: 100 }] };

describe('an install that is guarded', () => {
  it('goes on as it would where nothing stands in the way', async () => {
    expect(await guarded(todo('waits'))[0]!()).toEqual(todo('waits'));
    expect(await guarded(done)[0]!()).toEqual(done);
  });

  it('ends at what was found when the plan was made, and holds no other step', async () => {
    const [install, other] = guarded(todo('waits'), { checks: [unfit] });
    await expect(install!()).rejects.toMatchObject({
      code: 'installer/machine-unfit',
      exitCode: 3,
      message: 'cp-1 is not ready to be written: cpu: It has 0 cores.',
    });
    expect(await other!()).toEqual(todo('waits'));
  });

  it('is checked once more right before the write, and only then', async () => {
    await expect(guarded(todo('waits'), { talos: slow })[0]!()).rejects.toMatchObject({
      code: 'installer/machine-unfit',
    });
    expect(await guarded(blocked('installing'), { talos: slow })[0]!()).toEqual(blocked('installing'));
    const overrides = [{ check: 'link-speed', reason: 'lab' }];
    expect(await guarded(todo('waits'), { talos: slow, overrides })[0]!()).toEqual(todo('waits'));
    const against = [{ ...unfit, override: 'lab' }];
    expect(await guarded(todo('waits'), { checks: against })[0]!()).toEqual(todo('waits'));
  });

  it('keeps in the journal what lies on the disk, right before it is written', async () => {
    const layout = [{ on: 'nvme0n1p1', format: 'xfs', uuid: 'u', sizeBytes: 9, partition: { index: 1 } }];
    const disks = [disk('S1', { signatures: ['gpt', 'xfs on nvme0n1p1'], layout })];
    const kept: unknown[] = [];
    const found = 'gpt, xfs on nvme0n1p1';
    const [install] = guarded(todo('waits'), { talos: { disks }, found, kept });
    await install!();
    expect(kept).toEqual([]);
    await install!.apply();
    expect(kept).toEqual([
      {
        ...{ type: 'disk.kept', machine: 'cp-1', disk: 'serial S1', path: '/dev/nvme0n1' },
        ...{ sizeBytes: '480000000000', layout },
      },
      'applied',
    ]);
  });

  it('takes an override for what failed when the plan was made, not for what fails since', async () => {
    const overrides = [{ check: 'link-speed', reason: 'lab' }];
    const passed: CheckResult = { check: 'link-speed', machine: 'cp-1', status: 'pass', says: 'eno1 runs.' };
    const [install] = guarded(todo('waits'), { talos: slow, overrides, checks: [passed] });
    await expect(install!()).rejects.toMatchObject({ code: 'installer/machine-unfit' });
  });

  it.each([
    ['keeps what an override lets pass that was not in the plan', 'eno1 runs at 10 Mbit/s; 1000 are needed.', true],
    ['does not keep twice what was in the plan', 'eno1 runs at 100 Mbit/s; 1000 are needed.', false],
  ])('%s', async (_what, says, isKept) => {
    const kept: unknown[] = [];
    const overrides = [{ check: 'link-speed', reason: 'lab' }];
    const checks: CheckResult[] = [{ check: 'link-speed', machine: 'cp-1', status: 'fail', says, override: 'lab' }];
    const [install] = guarded(todo('waits'), { talos: slow, overrides, checks, kept });
    expect(await install!()).toEqual(todo('waits'));
    await install!.apply();
    const record = {
      ...{ type: 'check.overridden', check: 'link-speed', machine: 'cp-1', reason: 'lab' },
      says: 'eno1 runs at 100 Mbit/s; 1000 are needed.',
    };
    expect(kept).toEqual([...(isKept ? [record] : []), 'applied']);
  });

  it('is refused when something has come onto its disk since the plan was made', async () => {
    const disks = [{ ...observationOf(1).disks[0]!, signatures: ['xfs on nvme0n1p1'] }];
    const [install] = guarded(todo('waits'), { talos: { disks } });
    await expect(install!()).rejects.toMatchObject({
      code: 'installer/disk-content-changed',
      exitCode: 3,
      message: expect.stringMatching(/held nothing when the plan was made, and holds xfs on nvme0n1p1 now$/) as string,
    });
    // What an install that has begun did to its disk is no surprise.
    expect(await install!({ uncertain: true, confirmed: false })).toEqual(todo('waits'));
    expect(await guarded(todo('waits'), { talos: { disks }, found: 'xfs on nvme0n1p1' })[0]!()).toEqual(todo('waits'));
  });

  it('is refused to a machine that nobody saw when the plan was made', async () => {
    await expect(guarded(todo('waits'), { pinned: new Map() })[0]!()).rejects.toMatchObject({
      code: 'installer/fingerprint-changed',
      message: 'cp-1 showed no certificate when the plan was made, and shows print-1 now',
    });
  });

  it('waits for what will be known soon', async () => {
    const disks = [{ ...observationOf(1).disks[0]!, isUnprobed: true }];
    expect(await guarded(todo('waits'), { talos: { disks } })[0]!()).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('install-disk-content') as string,
    });
  });

  it('is refused to a machine with another certificate than the one in the plan', async () => {
    await expect(guarded(todo('waits'), { talos: { fingerprint: 'other' } })[0]!()).rejects.toMatchObject({
      code: 'installer/fingerprint-changed',
      message: 'cp-1 showed the certificate print-1 when the plan was made, and shows other now',
    });
    const sent: string[] = [];
    const site = { machine: () => ({ configure: async () => void sent.push('config') }) } as unknown as InstallSite;
    const { configure } = guardSite(site, pins).machine('cp-1');
    await expect(configure(observationOf(1, { fingerprint: 'other' }), signal)).rejects.toMatchObject({
      code: 'installer/fingerprint-changed',
    });
    expect(sent).toEqual([]);
    await configure(observationOf(1), signal);
    expect(sent).toEqual(['config']);
  });
});
