import { describe, expect, it } from 'vitest';
import { resizeRackFile, resizeScenario } from './resize-rack.ts';
import { type Site, type SiteRun, startSite } from './start-site.ts';

const size = { controlPlanes: 3, workers: 1 };

async function at(number: number, visit: (site: Site) => Promise<void>): Promise<void> {
  const site = await startSite({
    number,
    speed: 60,
    change: (scenario) => resizeScenario(scenario, size),
    changeFile: (text) => resizeRackFile(text, size),
  });
  try {
    const up = await site.up();
    expect({ exitCode: up.exitCode, err: up.err, faults: faultsOf(up) }).toEqual({ exitCode: 0, err: '', faults: [] });
    await visit(site);
  } finally {
    await site.close();
  }
}

const faultsOf = ({ events }: SiteRun) =>
  events.flatMap((event) =>
    (event.type === 'step.failed' || event.type === 'run.finished') && event.fault !== undefined
      ? [`${event.fault.code}: ${event.fault.title}`]
      : [],
  );
const members = (site: Site) =>
  site.rack
    .statistics()
    .etcdMembers.map(({ hostname }) => hostname)
    .toSorted();
const wipesOf = (site: Site, name: string) =>
  [...(site.rack.statistics().machines.get(name)?.wipes.values() ?? [])].reduce((sum, count) => sum + count, 0);
const dead = (site: Site, killAfter: number | undefined, ...flags: string[]) =>
  site.run(['reset', 'rack.yaml', 'cp-2', '--dead', ...flags], killAfter === undefined ? {} : { killAfter });

describe('rackwright reset --dead', () => {
  it.concurrent('takes a silent control plane out of etcd and Kubernetes, wherever it is killed, and holds it from then on', () =>
    at(171, async (site) => {
      const alive = await dead(site, undefined, '--yes', '--confirm', 'cp-2');
      expect([alive.exitCode, faultsOf(alive)[0]]).toEqual([
        3,
        expect.stringMatching(/^installer\/not-silent: cp-2 is not dead: its Talos answers/),
      ]);
      const cp = site.rack.machine('cp-2');
      await cp.powerOff();
      // Right before it is remembered as removed.
      const killed = await dead(site, 5, '--yes', '--confirm', 'cp-2');
      expect(killed.signal).toBe('SIGKILL');
      const last = await dead(site, undefined, '--yes', '--confirm', 'cp-2');
      expect([last.exitCode, faultsOf(last)]).toEqual([0, []]);
      expect(members(site)).toEqual(['cp-1', 'cp-3']);
      expect(wipesOf(site, 'cp-2')).toBe(1);

      // It comes back with all that is on its disk, and is not taken for a machine of the cluster.
      cp.powerOn();
      const back = await site.run(['node', 'add', 'rack.yaml', '--yes', '--confirm', 'cp-2']);
      expect([back.exitCode, faultsOf(back)[0]]).toEqual([3, expect.stringMatching(/^installer\/machine-returned/)]);
      expect(members(site)).toEqual(['cp-1', 'cp-3']);
      expect(wipesOf(site, 'cp-2')).toBe(1);
    }));

  it.concurrent('refuses while a second control plane is away, and changes nothing', () =>
    at(172, async (site) => {
      for (const name of ['cp-2', 'cp-3']) await site.rack.machine(name).powerOff();
      const run = await dead(site, undefined, '--yes', '--confirm', 'cp-2');
      expect([run.exitCode, faultsOf(run)[0]]).toEqual([3, expect.stringMatching(/only 0 of 3 members are healthy/)]);
      const record = (await site.journal()).map(({ record: { type } }) => type);
      expect(record).not.toContain('machine.removed');
      expect(
        site.rack
          .statistics()
          .etcdMembers.map(({ hostname }) => hostname)
          .toSorted(),
      ).toEqual(['cp-1', 'cp-2', 'cp-3']);
    }));
});
