import { describe, expect, it } from 'vitest';
import type { StepPast } from '../core/step.ts';
import { healthySpec, mac, observationOf, rackOf } from './checks/testing/healthy-rack.ts';
import { comparePlans } from './compare-plans.ts';
import { factsOf } from './plan-facts.ts';
import type { PlanFile } from './plan-file.ts';
import { type DisksToWrite, disksToWrite, viewPlan } from './view-plan.ts';

const spec = healthySpec;
const untouched: StepPast = { uncertain: false, confirmed: false };
const begunOn = (disk: string): StepPast => ({ uncertain: true, confirmed: false, memory: { disk } });
const journalOf = (pasts: Readonly<Record<string, StepPast>> = {}) => ({
  entries: [],
  pastOf: (step: string) => pasts[step] ?? untouched,
});

async function prepare(rack = rackOf(...[1, 2, 3, 4].map((at) => observationOf(at))), pasts = {}) {
  const disks: DisksToWrite = disksToWrite(spec, rack, journalOf(pasts) as never);
  const view = await viewPlan({ spec, rack, disks, checks: [], blocked: new Map() }, []);
  return { rack, view, disks };
}

async function keep(): Promise<Pick<PlanFile, 'facts' | 'plan'>> {
  const { rack, view } = await prepare();
  return { facts: factsOf(spec, rack), plan: view };
}

describe('comparePlans', () => {
  it('finds the same plan the same, in whatever order MAC addresses were seen', async () => {
    const kept = await keep();
    const prepared = await prepare();
    expect(await comparePlans(kept, { spec, journal: journalOf(), prepared })).toEqual([]);
    const double = { name: 'eno2', mac: mac(21), isUp: true, isPhysical: true };
    const links = [...observationOf(1).links, double];
    const others = [2, 3, 4].map((at) => observationOf(at));
    const [one, other] = await Promise.all(
      [links, links.toReversed()].map((some) => prepare(rackOf(observationOf(1, { links: some }), ...others))),
    );
    expect(other?.view.digest).toBe(one?.view.digest);
  });

  it('refuses one that would approve something else although every fact is the same', async () => {
    const kept = await keep();
    const prepared = await prepare();
    const changes = await comparePlans(
      { ...kept, plan: { ...kept.plan, digest: 'f'.repeat(64) } },
      { spec, journal: journalOf(), prepared },
    );
    expect(changes).toEqual([`the plan as a whole was ${'f'.repeat(64)} and is ${kept.plan.digest}`]);
    const upgraded = { ...spec, talos: { ...spec.talos, version: 'v1.13.10' } };
    expect(await comparePlans(kept, { spec: upgraded, journal: journalOf(), prepared })).toMatchObject([
      expect.stringMatching(/^the plan as a whole was/),
    ]);
  });

  it('lets a run that was killed go on, whose first machines are not as they were', async () => {
    const kept = await keep();
    const pasts = { 'install/cp-1': begunOn('serial S1'), 'install/cp-2': begunOn('serial S2') };
    const running = observationOf(1, { mode: 'configured', stage: 'running', systemDisk: 'nvme0n1' });
    const prepared = await prepare(rackOf(running, ...[2, 3, 4].map((at) => observationOf(at))), pasts);
    expect(await comparePlans(kept, { spec, journal: journalOf(pasts), prepared })).toEqual([]);
  });

  it('refuses when an install has begun on another disk than the one of the plan', async () => {
    const kept = await keep();
    const pasts = { 'install/cp-1': begunOn('serial S9') };
    const prepared = await prepare(undefined, pasts);
    expect(await comparePlans(kept, { spec, journal: journalOf(pasts), prepared })).toHaveLength(1);
  });

  it('names a fact rather than the whole', async () => {
    const kept = await keep();
    const prepared = await prepare(
      rackOf(observationOf(1, { fingerprint: 'x' }), ...[2, 3, 4].map((at) => observationOf(at))),
    );
    expect(await comparePlans(kept, { spec, journal: journalOf(), prepared })).toEqual([
      'cp-1: certificate was print-1 and is x',
    ]);
  });
});
