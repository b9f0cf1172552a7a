import { describe, expect, it } from 'vitest';
import { expectExit, faultsOf } from './expect-exit.ts';
import { type RackSize, resizeRackFile, resizeScenario } from './resize-rack.ts';
import { type Site, type SiteRun, startSite } from './start-site.ts';

const speed = 20;
let number = 140;

/** A rack of which all machines are there, and a rack file that names as many as `begin` says. */
async function at(all: RackSize, begin: RackSize, visit: (site: Site, grow: () => Promise<void>) => Promise<void>) {
  let whole = '';
  const site = await startSite({
    number: ++number,
    speed,
    change: (scenario) => resizeScenario(scenario, all),
    changeFile: (text) => {
      whole = resizeRackFile(text, all);
      return resizeRackFile(text, begin);
    },
  });
  try {
    await visit(site, () => site.changeFile(() => whole));
  } finally {
    await site.close();
  }
}

const yes = (...names: string[]) => ['--yes', ...names.flatMap((name) => ['--confirm', name])];
const wipes = (site: Site) =>
  Object.fromEntries(
    [...site.rack.statistics().machines].map(([name, one]) => [
      name,
      [...one.wipes.values()].reduce((sum, count) => sum + count, 0),
    ]),
  );
const members = (site: Site) =>
  site.rack
    .statistics()
    .etcdMembers.map(({ hostname, isLearner }) => `${hostname}${isLearner ? '?' : ''}`)
    .toSorted();

const succeeded = (run: SiteRun) => {
  expectExit(run, 0);
  expect(faultsOf(run)).toEqual([]);
};

describe('rackwright node add', () => {
  it.concurrent('brings new control planes in one after another, and workers beside them', () =>
    at({ controlPlanes: 3, workers: 2 }, { controlPlanes: 1, workers: 1 }, async (site, grow) => {
      const none = await site.run(['node', 'add', 'rack.yaml', '--yes']);
      expectExit(none, 4, 'installer/no-cluster');
      succeeded(await site.up(yes('demo')));
      expect(members(site)).toEqual(['cp-1']);
      await grow();
      const added = await site.run(['node', 'add', 'rack.yaml', ...yes('demo')]);
      expectExit(added, 0);
      expect(members(site)).toEqual(['cp-1', 'cp-2', 'cp-3']);
      expect(site.rack.statistics().bootstraps).toBe(1);
      expect(wipes(site)).toMatchObject({ 'cp-1': 1, 'cp-2': 1, 'cp-3': 1, 'node-1': 1, 'node-2': 1, stranger: 0 });
      const told = added.events.flatMap((event) =>
        event.type === 'step.started' || event.type === 'step.done' ? [`${event.type} ${event.step}`] : [],
      );
      expect(told.indexOf('step.started install/cp-3')).toBeGreaterThan(told.indexOf('step.done join-etcd/cp-2'));
      succeeded(await site.run(['node', 'add', 'rack.yaml', '--yes']));
      succeeded(await site.run(['node', 'add', 'rack.yaml', '--dry-run']));
    }));

  it.concurrent('refuses before it asks while etcd has lost a member', () =>
    at({ controlPlanes: 3, workers: 1 }, { controlPlanes: 3, workers: 0 }, async (site, grow) => {
      succeeded(await site.up(yes('demo')));
      await site.rack.machine('cp-3').powerOff();
      await grow();
      const run = await site.run(['node', 'add', 'rack.yaml', ...yes('demo')]);
      expectExit(run, 3, 'installer/etcd-unhealthy');
      expect(run.events).not.toContainEqual(expect.objectContaining({ type: 'plan.approved' }));
      expect(wipes(site)['node-1']).toBe(0);
    }));

  it.concurrent('goes on after a SIGKILL wherever it was, and writes no disk twice', () =>
    at({ controlPlanes: 3, workers: 1 }, { controlPlanes: 1, workers: 0 }, async (site, grow) => {
      succeeded(await site.up(yes('demo')));
      await grow();
      for (const killAfter of [2, 3, 4, 6, 5]) {
        const run = await site.run(['node', 'add', 'rack.yaml', ...yes('demo')], { killAfter });
        if (run.signal !== 'SIGKILL') expectExit(run, 0);
      }
      succeeded(await site.run(['node', 'add', 'rack.yaml', ...yes('demo')]));
      expect(members(site)).toEqual(['cp-1', 'cp-2', 'cp-3']);
      expect(site.rack.statistics().bootstraps).toBe(1);
      expect(wipes(site)).toMatchObject({ 'cp-1': 1, 'cp-2': 1, 'cp-3': 1, 'node-1': 1 });
    }));
});

describe('rackwright reset', () => {
  it.concurrent('takes a control plane and a worker out, and both come back as new ones', () =>
    at({ controlPlanes: 3, workers: 1 }, { controlPlanes: 3, workers: 1 }, async (site) => {
      succeeded(await site.up(yes('demo')));
      const unasked = await site.run(['reset', 'rack.yaml', 'cp-2', '--yes']);
      expectExit(unasked, 3, 'installer/not-approved');
      expectExit(await site.run(['reset', 'rack.yaml', 'cp-9', ...yes('cp-9')]), 4);

      succeeded(await site.run(['reset', 'rack.yaml', 'cp-2', ...yes('cp-2')]));
      expect(members(site)).toEqual(['cp-1', 'cp-3']);
      expectExit(await site.run(['reset', 'rack.yaml', 'node-1', ...yes('node-1')]), 0);
      const before = site.rack.statistics().machines;
      expect(before.get('cp-2')?.maintenanceBoots).toBe(2);
      expect(before.get('node-1')?.maintenanceBoots).toBe(2);
      expect(before.get('cp-1')?.maintenanceBoots).toBe(1);

      succeeded(await site.run(['node', 'add', 'rack.yaml', ...yes('demo')]));
      expect(members(site)).toEqual(['cp-1', 'cp-2', 'cp-3']);
      expect(wipes(site)).toMatchObject({ 'cp-1': 1, 'cp-2': 2, 'cp-3': 1, 'node-1': 2 });
      expect(site.rack.statistics().bootstraps).toBe(1);
    }));

  it.concurrent('goes on after a SIGKILL wherever it was', () =>
    at({ controlPlanes: 3, workers: 0 }, { controlPlanes: 3, workers: 0 }, async (site) => {
      succeeded(await site.up(yes('demo')));
      for (let killAfter = 2; killAfter < 9; killAfter++) {
        const run = await site.run(['reset', 'rack.yaml', 'cp-3', ...yes('cp-3')], { killAfter });
        if (run.signal !== 'SIGKILL') expectExit(run, 0);
      }
      expect(members(site)).toEqual(['cp-1', 'cp-2']);
      expect(site.rack.statistics().machines.get('cp-3')?.maintenanceBoots).toBe(2);
      expect(wipes(site)).toMatchObject({ 'cp-1': 1, 'cp-2': 1, 'cp-3': 1 });
    }));

  it.concurrent('leaves the last member of etcd where it is', () =>
    at({ controlPlanes: 1, workers: 0 }, { controlPlanes: 1, workers: 0 }, async (site) => {
      succeeded(await site.up(yes('demo')));
      const run = await site.run(['reset', 'rack.yaml', 'cp-1', ...yes('cp-1')]);
      expectExit(run, 3, 'installer/quorum-in-danger');
      expect(members(site)).toEqual(['cp-1']);
    }));
});
