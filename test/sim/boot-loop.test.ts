import { describe, expect, it } from 'vitest';
import type { StampedEvent } from '../../core/event.ts';
import { expectExit } from './expect-exit.ts';
import { resizeRackFile, resizeScenario } from './resize-rack.ts';
import { startSite } from './start-site.ts';

const size = { controlPlanes: 1, workers: 1 };
const looping = 'node-1';

describe('an installed machine that boots in circles', () => {
  it('is frozen at its third network boot, also by a tool that was started again, until it is released', async () => {
    const site = await startSite({
      number: 138,
      speed: 20,
      change: (scenario) => {
        const small = resizeScenario(scenario, size);
        return {
          ...small,
          machines: small.machines.map((one) =>
            one.name === looping ? { ...one, faults: [{ kind: 'reboot-loop', times: 1000 }] } : one,
          ),
        };
      },
      changeFile: (text) => resizeRackFile(text, size),
    });
    const machine = site.rack.machine(looping);
    const mac = '3c:ec:ef:77:02:21';
    /** Answers the rack until that has happened. */
    const serveUntil = (isEnough: (event: StampedEvent) => boolean | Promise<boolean>) =>
      site.run(['serve', 'rack.yaml'], {
        onEvent: (event, interrupt) => void Promise.resolve(isEnough(event)).then((is) => is && interrupt()),
      });
    const netboots = async () =>
      (await site.journal()).filter(({ record }) => record.type === 'machine.netbooted').length;
    const isFrozen = (event: StampedEvent) => event.type === 'machine.held' && event.reason.includes('boot its disk');
    try {
      // Firmware is asked for Talos once more on the way, since the install was not confirmed by then.
      expectExit(await site.up(), 0);
      expect(await netboots()).toBe(0);

      await machine.powerOff();
      machine.powerOn();
      const asksOfIt = (event: StampedEvent) => event.type === 'boot.decided' && event.mac === mac;
      const first = await serveUntil(async ({ type }) => type === 'boot.asked' && (await netboots()) === 2);
      expectExit(first, 0);
      expect(first.events.some(isFrozen)).toBe(false);

      const second = await serveUntil(isFrozen);
      expectExit(second, 0);
      expect(second.events.find(isFrozen)).toMatchObject({
        mac,
        reason: expect.stringMatching(
          /^node-1 is installed and has asked .* 3 times .* rackwright node release/,
        ) as string,
      });
      expect((await site.journal()).map(({ record }) => record.type)).toContain('machine.frozen');

      const held = await serveUntil(asksOfIt);
      expect(held.events.find(asksOfIt)).toMatchObject({
        decision: expect.stringContaining('is installed and has') as string,
      });

      const release = await site.run(['node', 'release', 'rack.yaml', looping, '--reason', 'boot order mended'], {
        isPlain: true,
      });
      expectExit(release, 0);
      const free = await serveUntil(asksOfIt);
      expect(free.events.find(asksOfIt)).toMatchObject({ decision: expect.stringContaining('disk') as string });
    } finally {
      await site.close();
    }
  });
});
