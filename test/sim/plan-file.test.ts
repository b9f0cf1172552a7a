import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StampedEvent } from '../../core/event.ts';
import { expectExit } from './expect-exit.ts';
import { type Site, type SiteRun, startSite } from './start-site.ts';

const speed = 30;
let number = 130;

async function withSite(visit: (site: Site) => Promise<void>): Promise<void> {
  const site = await startSite({ number: ++number, speed });
  try {
    await visit(site);
  } finally {
    await site.close();
  }
}

/** `-o` of this command names the plan file; what it is called after is the form of what is told. */
const plan = (site: Site, ...flags: string[]) =>
  site.run(['plan', 'install', 'rack.yaml', '--output', 'json', ...flags]);
const planFile = 'json';
const apply = (site: Site, ...flags: string[]) => site.run(['apply', planFile, ...flags]);

const faultOf = ({ events }: SiteRun) => {
  const last = events.findLast((event) => event.type === 'run.finished');
  return last?.type === 'run.finished' ? last.fault : undefined;
};
const of = <Type extends StampedEvent['type']>({ events }: SiteRun, type: Type) =>
  events.filter((event): event is Extract<StampedEvent, { type: Type }> => event.type === type);
const wipes = (site: Site) =>
  [...site.rack.statistics().machines.values()].flatMap((machine) => [...machine.wipes.values()]);

describe('a plan file', () => {
  it.concurrent('is written without touching anything, applied once, and then there is nothing to do', () =>
    withSite(async (site) => {
      const planned = await plan(site);
      expectExit(planned, 2);
      expect(wipes(site).filter((count) => count > 0)).toEqual([]);
      await expect(site.journal()).rejects.toThrow('ENOENT');
      const { text, mode } = await site.file(planFile);
      expect(mode).toBe(0o600);
      expect(text).not.toMatch(/BEGIN|PRIVATE|AGE-SECRET/);
      const [proposed] = of(planned, 'plan.proposed');
      const node = proposed?.plan.machines.find(({ name }) => name === 'node-3');
      expect(node?.writes).toMatchObject({ serial: 'BTYF03240AB1480BGN' });
      expect(node?.fingerprint).toMatch(/^[\w+/]{43}=$/);
      expect(node?.changes).toContainEqual({ document: 'main', path: 'machine.type', after: 'worker' });
      expect(of(planned, 'check.finished').filter(({ status }) => status === 'fail')).toEqual([]);

      const edited = join(site.folder, 'edited');
      await writeFile(edited, text.replace('BTYF03240AB1480BGN', 'S64HNE0T500123'));
      const refused = await site.run(['apply', 'edited', '--yes']);
      expectExit(refused, 4, 'installer/plan-edited');

      const asked = await apply(site, '--yes');
      expectExit(asked, 3, 'installer/not-approved');
      expect(asked.err).toContain('--confirm node-3');
      expect(wipes(site).filter((count) => count > 0)).toEqual([]);

      const killed = await site.run(['apply', planFile, '--yes', '--confirm', 'node-3'], { killAfter: 9 });
      expectExit(killed, 'SIGKILL');
      expectExit(await apply(site, '--yes'), 0);
      expect(wipes(site).filter((count) => count > 0)).toEqual([1, 1, 1, 1, 1, 1]);
      const again = await plan(site);
      expectExit(again, 0);
      expect(await readFile(join(site.folder, planFile), 'utf8')).toBe(text);
    }));

  it.concurrent('is refused when a machine or the rack file is not as it was, and names what', () =>
    withSite(async (site) => {
      expectExit(await plan(site), 2);
      const cp = site.rack.machine('cp-2');
      await cp.powerOff();
      cp.powerOn();
      const changed = await apply(site, '--yes', '--confirm', 'demo');
      expectExit(changed, 3, 'installer/facts-changed');
      expect(faultOf(changed)?.title).toMatch(/cp-2: certificate was \S+ and is \S+$/);

      await site.changeFile((text) => `${text}# a word\n`);
      const other = await apply(site, '--yes', '--confirm', 'demo');
      expectExit(other, 3, 'installer/rack-file-changed');
      await site.changeFile((text) => text.replace('name: demo', 'name: other'));
      const foreign = await apply(site, '--yes');
      expectExit(foreign, 4, 'installer/plan-of-other-rack');
      expect(wipes(site).filter((count) => count > 0)).toEqual([]);
    }));

  it.concurrent('a failed check stops its machine and no other, until the operator says why it may', () =>
    withSite(async (site) => {
      await site.changeFile((text) => text.replace('version: v1.13.9', 'version: v1.14.0'));
      const dry = await site.up(['--dry-run']);
      expectExit(dry, 3, 'installer/checks-failed');
      expect(faultOf(dry)?.title).toContain('talos-version: It booted Talos v1.13.9; v1.14.0 is to be installed.');
      const final = await site.up(['--dry-run', '--override', 'install-disk=because']);
      expectExit(final, 4, 'installer/override-refused');
      const some = await site.up(['--dry-run', '--override', 'talos-version@cp-1=a try in the lab']);
      expectExit(some, 2);
      const [proposed] = of(some, 'plan.proposed');
      const written = proposed?.plan.machines.filter(({ writes }) => writes !== undefined).map(({ name }) => name);
      expect(written).toEqual(['cp-1']);
      expect(proposed?.plan.machines.find(({ name }) => name === 'cp-2')?.blockedBy).toEqual(['talos-version']);
      expect(
        of(some, 'check.finished').filter(({ check, override }) => check === 'talos-version' && override !== undefined),
      ).toMatchObject([{ check: 'talos-version', machine: 'cp-1', status: 'fail', override: 'a try in the lab' }]);
      expect(wipes(site).filter((count) => count > 0)).toEqual([]);
    }));
});
