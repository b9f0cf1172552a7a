import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { expectExit, faultsOf } from './expect-exit.ts';
import type { Site, SiteRun } from './start-site.ts';
import { allWipes, type SiteWish, visitSite, wipesOf, withFault, withMachine } from './visit-site.ts';

let number = 100;
const at = (options: SiteWish, visit: (site: Site) => Promise<void>) => visitSite(++number, options, visit);

describe('rackwright up, when things go wrong', () => {
  it.concurrent('gets through a network that loses one packet in ten', () =>
    at(
      {
        change: (scenario) => ({
          ...scenario,
          machines: scenario.machines.map((one) => ({ ...one, faults: [{ kind: 'lossy', rate: 0.1 }] })),
        }),
      },
      async (site) => {
        expectExit(await site.up(), 0);
        expect(site.rack.statistics().bootstraps).toBe(1);
      },
    ));

  it.concurrent('never touches a machine that is not in the rack file, and shows it', () =>
    at({}, async (site) => {
      const run = await site.up();
      expectExit(run, 0);
      expect(run.events).toContainEqual(
        expect.objectContaining({ type: 'machine.held', reason: 'it is not in the rack file' }),
      );
      expect(site.rack.statistics().machines.get('stranger')).toMatchObject({ networkBoots: 0, appliedConfigs: 0 });
      expect(wipesOf(site, 'stranger')).toBe(0);
    }));

  it.concurrent('writes nothing when a machine does not come up, names it, and says that it can be resumed', () =>
    at({ change: withFault('node-2', { kind: 'dead' }) }, async (site) => {
      const run = await site.up(['--yes', '--confirm', 'demo', '--wait', '3']);
      expectExit(run, 6);
      expect(faultsOf(run)).toMatchObject([
        { code: 'core/step-timeout', title: expect.stringContaining('Find node-2') as string },
      ]);
      expect(allWipes(site)).toBe(0);
    }));

  it.concurrent('does not install a second time by itself after a failed install, and does when it is told to', () =>
    at({ change: withFault('node-2', { kind: 'install-fails', times: 1 }) }, async (site) => {
      const run = await site.up();
      expectExit(run, 1);
      expect(faultsOf(run)).toMatchObject([
        {
          code: 'installer/install-failed',
          remedy: expect.stringContaining('--retry install/node-2') as string,
          state: expect.stringContaining('The end of its log:') as string,
        },
      ]);
      const applied = () => site.rack.statistics().machines.get('node-2')?.appliedConfigs;
      expect(applied()).toBe(1);
      expect(run.events).toContainEqual(expect.objectContaining({ type: 'step.done', step: 'install/cp-1' }));

      expectExit(await site.up(), 1);
      expect(applied()).toBe(1);

      expectExit(await site.up(['--yes', '--confirm', 'demo', '--retry', 'install/node-2']), 0);
      expect(site.rack.statistics()).toMatchObject({ bootstraps: 1 });
      expect(applied()).toBe(2);
      expect(wipesOf(site, 'node-1')).toBe(1);
    }));

  it.concurrent('sends no config to a machine on which an old Talos would take it, even when told to', () =>
    at({ change: withFault('node-2', { kind: 'back-in-maintenance', times: 1 }) }, async (site) => {
      const run = await site.up();
      expectExit(run, 1);
      expect(faultsOf(run)).toMatchObject([{ code: 'installer/install-failed' }]);

      const again = await site.up(['--yes', '--confirm', 'demo', '--wait', '3', '--retry', 'install/node-2']);
      expectExit(again, 6);
      expect(faultsOf(again)[0]?.title).toMatch(/node-2 has an old Talos on .*talos\.experimental\.wipe=system/);
      expect(again.events.at(-1)).toMatchObject({
        next: expect.stringMatching(
          /^rackwright up rack.yaml --yes --confirm demo --wait 3 -o json(?!.*--retry)/,
        ) as string,
      });
      expect(site.rack.statistics().machines.get('node-2')?.appliedConfigs).toBe(1);
    }));

  it.concurrent('refuses to go on with another cluster than it began with', () =>
    at({}, async (site) => {
      const first = await site.up(undefined, {
        onEvent: (event, interrupt) => {
          if (event.type === 'step.started' && event.step === 'install/cp-1') interrupt();
        },
      });
      expectExit(first, 130);
      await site.changeFile((text) => text.replace(/vip: .*/, 'vip: 127.200.0.99'));
      const second = await site.up();
      expectExit(second, 3);
      expect(faultsOf(second)[0]).toMatchObject({
        code: 'installer/settings-changed',
        title: expect.stringContaining('network.vip was') as string,
      });
      expect(site.rack.statistics().bootstraps).toBe(0);
    }));

  it.concurrent('holds two machines with one UUID, and says how to tell them apart', () =>
    at(
      {
        change: (scenario) => {
          const twin = scenario.machines.find(({ name }) => name === 'node-2')!;
          return withMachine('stranger', { uuid: twin.uuid })(scenario);
        },
      },
      async (site) => {
        const run = await site.up(['--yes', '--confirm', 'demo', '--wait', '3']);
        expectExit(run, 6);
        expect(faultsOf(run)[0]?.title).toMatch(/Find node-2.*same UUID.*; give node-2 a mac/s);
        expect(allWipes(site)).toBe(0);
      },
    ));

  it.concurrent('refuses a disk selector that fits two disks, with its place in the rack file', () =>
    at({ changeFile: (text) => replaceDisk(text, 'node-1', 'minSizeGB: 1000') }, async (site) => {
      const run = await site.up();
      expectExit(run, 4);
      const [fault] = faultsOf(run);
      expect(fault?.places[0]).toMatchObject({
        file: 'rack.yaml',
        path: expect.stringMatching(/^machines\[\d\]\.disk$/) as string,
      });
      expect(fault?.places[0]?.line).toBeGreaterThan(20);
      expect(fault?.title).toMatch(/fits 2 disks of node-1/);
      expect(allWipes(site)).toBe(0);
    }));

  it.concurrent('says which interfaces there are when the one of the rack file is not', () =>
    at({ changeFile: (text) => text.replace('interface: lo', 'interface: nosuch0') }, async (site) => {
      const run = await site.up();
      expectExit(run, 1);
      expect(faultsOf(run)).toMatchObject([
        {
          code: 'installer/interface-missing',
          title: expect.stringMatching(/no network interface nosuch0.*\blo\b/) as string,
        },
      ]);
    }));

  it.concurrent.each(['dhcp', 'tftp', 'http'] as const)('names the process that holds the %s port', (service) =>
    at({}, async (site) => {
      const hold = await holdPort(service === 'http' ? 'tcp' : 'udp', site.ports[service]);
      const run = await site.up();
      hold.close();
      expectExit(run, 1);
      const holder = `(pid ${process.pid})`;
      expect(faultsOf(run)).toMatchObject([
        { code: 'platform/port-taken', title: expect.stringContaining(holder) as string },
      ]);
      expectExit(await site.up(), 0);
    }),
  );

  it.concurrent('lets no step start again that was never started', () =>
    at({}, async (site) => {
      const run = await site.up(['--yes', '--confirm', 'demo', '--retry', 'install/node-1']);
      expectExit(run, 4);
      expect(faultsOf(run)).toMatchObject([{ code: 'installer/cannot-retry' }]);
      await expect(site.journal()).rejects.toThrow('ENOENT');
    }));

  it.concurrent('shows the plan and writes nothing on a dry run', () =>
    at({}, async (site) => {
      const run = await site.up(['--dry-run']);
      expectExit(run, 2);
      const plan = run.events.find((event) => event.type === 'plan.proposed')?.plan;
      expect(plan?.machines.map((machine) => machine.writes?.serial)).not.toContain(undefined);
      expect(allWipes(site)).toBe(0);
      await expect(site.journal()).rejects.toThrow('ENOENT');
    }));

  it.concurrent('takes --yes for a yes, but not for the loss of data', () =>
    at({}, async (site) => {
      const run = await site.up(['--yes']);
      expectExit(run, 3);
      expect(faultsOf(run)).toMatchObject([{ code: 'installer/not-approved' }]);
      expect(allWipes(site)).toBe(0);
    }));

  it.concurrent('finishes what is in flight at Ctrl-C, says how to resume, and resumes', () =>
    at({}, async (site) => {
      const run = await site.up(undefined, {
        onEvent: (event, interrupt) => {
          if (event.type === 'step.started' && event.step === 'install/cp-3') interrupt();
        },
      });
      expectExit(run, 130);
      expect(run.events.at(-1)).toMatchObject({
        type: 'run.finished',
        next: expect.stringContaining('rackwright up rack.yaml') as string,
      });
      const count = (type: string) =>
        run.events.filter((event) => event.type === type && 'step' in event && event.step.startsWith('install/'))
          .length;
      expect(count('step.done')).toBe(count('step.started'));
      expect(run.events).not.toContainEqual(expect.objectContaining({ type: 'step.started', step: 'bootstrap-etcd' }));
      expectExit(await site.up(), 0);
      expect(allWipes(site)).toBe(6);
    }));

  it.concurrent('lets one operator write at a time, and the others look on', () =>
    at({}, async (site) => {
      let second: Promise<SiteRun> | undefined;
      let watching: Promise<SiteRun> | undefined;
      const first = await site.up(undefined, {
        onEvent: (event) => {
          if (event.type !== 'boot.listening') return;
          second = site.up(['--yes', '--confirm', 'demo']);
          watching = site.run(['watch', 'rack.yaml']);
        },
      });
      expectExit(first, 0);
      const refused = await second;
      expectExit(refused!, 5);
      expect(refused?.events.at(-1)).toMatchObject({ next: 'rackwright watch rack.yaml' });
      expectExit((await watching)!, 0);
      expect((await watching)?.events).toEqual(first.events);
    }));
});

async function holdPort(protocol: 'udp' | 'tcp', port: number): Promise<{ close(): void }> {
  if (protocol === 'tcp') {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

const entryOf = (text: string, name: string) => new RegExp(`(- name: ${name}\\n(?:    .*\\n)+)`).exec(text)?.[1] ?? '';
const replaceDisk = (text: string, name: string, selector: string) =>
  text.replace(entryOf(text, name), entryOf(text, name).replace(/( +)serial: .*\n/, `$1${selector}\n`));
