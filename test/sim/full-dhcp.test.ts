import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { expectExit } from './expect-exit.ts';
import { resizeRackFile, resizeScenario } from './resize-rack.ts';
import { startSite } from './start-site.ts';

const number = 137;
const size = { controlPlanes: 1, workers: 1 };

/** Nobody else gives addresses; cp-1 is known by its UUID, so that DHCP cannot know it, and node-1 by its MAC address. */
function servingAddresses(text: string): string {
  const file = parse(resizeRackFile(text, size)) as {
    boot: object;
    machines: { name: string; mac?: string; uuid?: string }[];
  };
  return stringify({
    ...file,
    boot: { ...file.boot, dhcp: 'full', pool: `127.${number}.3.1-127.${number}.3.9` },
    machines: file.machines.map(({ mac: _, uuid, ...machine }) =>
      machine.name === 'node-1' ? { ...machine, mac: '3c:ec:ef:77:02:21' } : { ...machine, uuid },
    ),
  });
}

describe('rackwright up as the only DHCP server', () => {
  it('gives each machine the address that it will keep, or one of the pool, and installs it from there', async () => {
    const site = await startSite({
      number,
      speed: 20,
      change: (scenario) => {
        const small = resizeScenario(scenario, size);
        return { ...small, lan: { ...small.lan, givesAddresses: false } };
      },
      changeFile: servingAddresses,
    });
    try {
      const run = await site.up();
      expectExit(run, 0);
      const given = run.events.flatMap((event) =>
        event.type === 'lease.changed' && event.state === 'given' ? [[event.mac, event.address]] : [],
      );
      expect(Object.fromEntries(given)).toMatchObject({
        '3c:ec:ef:77:01:11': expect.stringMatching(`^127\\.${number}\\.3\\.\\d$`) as string,
        '3c:ec:ef:77:02:21': `127.${number}.0.21`,
      });
      const { bootstraps, etcdMembers } = site.rack.statistics();
      expect([bootstraps, etcdMembers.map(({ hostname }) => hostname)]).toEqual([1, ['cp-1']]);
    } finally {
      await site.close();
    }
  });
});
