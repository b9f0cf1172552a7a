import { describe, expect, it } from 'vitest';
import { type RackSize, resizeRackFile, resizeScenario } from './resize-rack.ts';
import { type Site, startSite } from './start-site.ts';

/**
 * The same rack in every supported Talos and with one, three and five control planes, killed again and again on one way
 * from blank disks to the hand-off. That is a sample, the same in each run of the suite: the first version is killed after 3
 * records of a run, then after 7, 11, 15 …, the second after 4, 8, 12 …, so that the kills fall on other records in each.
 * After every single record is killed in kill-anywhere.test.ts, for one of them.
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
    ...{ controlPlanes, workers: 1, number: 160 + row * 3 + column, firstKill: 3 + row },
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

describe('rackwright up, killed again and again on its way', () => {
  it.concurrent.each(sizes)(
    'comes to the same end with $controlPlanes control planes of Talos $talosVersion',
    async ({ number, firstKill, ...size }) => {
      const site = await startSite({
        number,
        speed,
        change: (scenario) => resizeScenario(scenario, size),
        changeFile: (text) => resizeRackFile(text, size),
      });
      try {
        let kills = 0;
        for (let killAfter = firstKill; ; killAfter += 4) {
          const run = await site.up(undefined, { killAfter });
          if (run.signal !== 'SIGKILL') {
            expect([run.exitCode, run.err, run.events.at(-1)]).toMatchObject([0, '', { type: 'run.finished' }]);
            break;
          }
          kills += 1;
        }
        expect(kills).toBeGreaterThan(1);
        expect(await endState(site)).toEqual(expectedState(size));
      } finally {
        await site.close();
      }
    },
  );
});
