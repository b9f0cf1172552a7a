import { describe, expect, it } from 'vitest';
import { expectExit } from './expect-exit.ts';
import { type RackSize, resizeRackFile, resizeScenario } from './resize-rack.ts';
import { type Site, type SiteRun, startSite } from './start-site.ts';

/**
 * The same rack in every supported Talos and with one, three and five control planes, each in one life from blank disks to
 * the hand-off, in which a SIGKILL follows every single record of the journal. In kill-anywhere.test.ts a record has a life of
 * its own, in which nothing else goes wrong.
 */
const versions = [
  { talosVersion: 'v1.11.6', kubernetesVersion: 'v1.34.1' },
  { talosVersion: 'v1.12.11', kubernetesVersion: 'v1.34.1' },
  { talosVersion: 'v1.13.9', kubernetesVersion: 'v1.34.1' },
  { talosVersion: 'v1.14.0-alpha.2', kubernetesVersion: 'v1.34.1' },
];
const sizes = versions.flatMap((version, row) =>
  [1, 3, 5].map((controlPlanes, column) => ({
    ...version,
    ...{ controlPlanes, number: 174 + row * 3 + column },
    // One of them is the whole demo.
    workers: row === 2 && controlPlanes === 3 ? 3 : 1,
  })),
);
const speed = 20;

async function endState(site: Site) {
  const { machines, bootstraps, etcdMembers } = site.rack.statistics();
  const modes = await Promise.all(['demo.kubeconfig', 'demo.talosconfig'].map((name) => site.file(name)));
  return {
    wipes: Object.fromEntries(
      [...machines].map(([name, one]) => [name, [...one.wipes.values()].reduce((sum, count) => sum + count, 0)]),
    ),
    configs: Object.fromEntries([...machines].map(([name, { appliedConfigs }]) => [name, appliedConfigs])),
    bootstraps,
    members: etcdMembers.map(({ hostname, isLearner }) => `${hostname}${isLearner ? '?' : ''}`).toSorted(),
    modes: modes.map(({ mode }) => mode),
  };
}

const expectedState = ({ controlPlanes, workers }: RackSize) => {
  const cps = Array.from({ length: controlPlanes }, (_, index) => `cp-${index + 1}`);
  const nodes = Array.from({ length: workers }, (_, index) => `node-${index + 1}`);
  const once = { ...Object.fromEntries([...cps, ...nodes].map((name) => [name, 1])), stranger: 0 };
  return { wipes: once, configs: once, bootstraps: 1, members: cps, modes: [0o600, 0o600] };
};

/** One life is some fifty starts of the command, and five of them share the computer. */
const timeout = 1_800_000;

describe('rackwright up, killed after each record of its journal in turn', () => {
  it.concurrent.each(sizes)(
    'comes to the same end with $controlPlanes control planes of Talos $talosVersion',
    async ({ number, ...size }) => {
      const site = await startSite({
        number,
        speed,
        change: (scenario) => resizeScenario(scenario, size),
        changeFile: (text) => resizeRackFile(text, size),
      });
      try {
        let kills = 0;
        let last: SiteRun;
        do {
          last = await site.up(undefined, { killAfter: 1, countsNews: true });
        } while (last.signal === 'SIGKILL' && ++kills);
        expectExit(last, 0);
        // So each was the last record of a run that was killed.
        const records = (await site.journal()).map(({ record: { type, step = '' } }) => `${type} ${step}`);
        expect(kills).toBe(new Set(records).size);
        expect(await endState(site)).toEqual(expectedState(size));
      } finally {
        await site.close();
      }
    },
    timeout,
  );
});
