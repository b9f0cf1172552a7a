import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { expectExit } from './expect-exit.ts';
import { resizeRackFile, resizeScenario } from './resize-rack.ts';
import { type SiteRun, startSite } from './start-site.ts';

const speed = 20;
const number = 139;
const size = { controlPlanes: 1, workers: 3 };

/** The workers are not named any more, but chosen by what they are: two of those that have several disks. */
function chooseWorkers(text: string): string {
  const file = parse(resizeRackFile(text, size)) as { machines: { role: string }[] };
  return stringify({
    ...file,
    classes: {
      storage: {
        role: 'worker',
        selector: 'machine.disks.size() > 1',
        count: 2,
        settleMinutes: 1,
        addresses: `127.${number}.0.50-127.${number}.0.59`,
        disk: { transport: 'nvme', maxSizeGB: 500 },
      },
    },
    machines: file.machines.filter(({ role }) => role === 'controlplane'),
  });
}

const startedInstalls = ({ events }: SiteRun) =>
  events.flatMap((event) =>
    event.type === 'step.started' && event.step.startsWith('install/') ? [event.machine ?? ''] : [],
  );

describe('rackwright up with machines that a class chooses', () => {
  it('installs those, and after a SIGKILL the same ones, although another one fits by then', async () => {
    const site = await startSite({
      number,
      speed,
      change: (scenario) => resizeScenario(scenario, size),
      changeFile: chooseWorkers,
    });
    try {
      const late = site.rack.machine('node-3');
      await late.powerOff();
      const killed = await site.up(undefined, {
        onEvent: (event, _, kill) => {
          if (event.type !== 'step.started' || event.step !== 'install/storage-1') return;
          // A third machine that fits comes up once the two are chosen.
          late.powerOn();
          kill();
        },
      });
      expectExit(killed, 'SIGKILL');
      const proposed = killed.events.find((event) => event.type === 'plan.proposed')?.plan.machines;
      expect(proposed?.map(({ name, writes }) => [name, writes?.serial])).toEqual([
        ['cp-1', 'S64HNE0T500111'],
        ['storage-1', 'S64HNE0T500121'],
        ['storage-2', 'S64HNE0T500122'],
      ]);

      const resumed = await site.up();
      expectExit(resumed, 0);
      expect(startedInstalls(resumed)).not.toContain('storage-3');
      const { machines, bootstraps } = site.rack.statistics();
      const wipes = [...machines].map(([name, one]) => [
        name,
        [...one.wipes.values()].reduce((sum, count) => sum + count),
      ]);
      expect(Object.fromEntries(wipes)).toEqual({ 'cp-1': 1, 'node-1': 1, 'node-2': 1, 'node-3': 0, stranger: 0 });
      expect(bootstraps).toBe(1);
    } finally {
      await site.close();
    }
  });
});
