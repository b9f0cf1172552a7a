import { describe, expect, it } from 'vitest';
import { expectExit, faultsOf } from './expect-exit.ts';
import type { Site } from './start-site.ts';
import { allWipes, type SiteWish, visitSite, wipesOf, withFault } from './visit-site.ts';

let number = 125;
const at = (options: SiteWish, visit: (site: Site) => Promise<void>) => visitSite(++number, options, visit);

describe('rackwright up, when clocks are wrong', () => {
  it.concurrent('writes no machine whose clock is wrong, and says by how much', () =>
    at({ change: withFault('node-2', { kind: 'clock-skew', seconds: 3600, timeServer: 'agrees' }) }, async (site) => {
      const run = await site.up(['--dry-run']);
      const checks = run.events.flatMap((event) =>
        event.type === 'check.finished' && event.check === 'clock' ? [[event.machine, event.status, event.says]] : [],
      );
      expect(checks).toHaveLength(6);
      expect(checks.filter(([, status]) => status !== 'pass')).toEqual([
        ['node-2', 'fail', expect.stringMatching(/^Its clock is 3(600\.\d|599\.9) s ahead of this computer's: etcd/)],
      ]);
      const proposed = run.events.find((event) => event.type === 'plan.proposed')?.plan.machines;
      expect(proposed?.find(({ name }) => name === 'node-2')).toMatchObject({ blockedBy: ['clock'] });

      const wrong = await site.up();
      expectExit(wrong, 3);
      expect(faultsOf(wrong)).toMatchObject([
        {
          code: 'installer/machine-unfit',
          title: expect.stringMatching(/node-2.*clock: Its clock is 3\d{3}\.\d s ahead/s) as string,
        },
      ]);
      expect(wipesOf(site, 'cp-1')).toBe(1);
      expect(wipesOf(site, 'node-2')).toBe(0);
    }));

  it.concurrent('sees that a clock is ahead although no time server is there to ask', () =>
    at({ change: withFault('cp-2', { kind: 'clock-skew', seconds: 7200 }) }, async (site) => {
      const run = await site.up(['--dry-run']);
      expect(run.events).toContainEqual(
        expect.objectContaining({
          ...{ type: 'check.finished', check: 'clock', machine: 'cp-2', status: 'fail' },
          says: expect.stringMatching(/^Its clock says that it was started 7\d{3}\.\d s from now/) as string,
        }),
      );
      expect(allWipes(site)).toBe(0);
    }));

  it.concurrent.each([-3600, 3600])('waits for the time server of a control plane that is %i s off', (seconds) =>
    at({ change: withFault('cp-1', { kind: 'clock-skew', seconds, timeServer: { setsInBoot: 2 } }) }, async (site) => {
      const run = await site.up(['--yes', '--confirm', 'demo', '--override', 'clock@cp-1=a time server is on its way']);
      expectExit(run, 0);
      expect(site.rack.statistics()).toMatchObject({ bootstraps: 1, refusedBootstraps: 0 });
      expect(allWipes(site)).toBe(6);
    }),
  );
});
