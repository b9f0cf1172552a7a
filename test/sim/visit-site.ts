import type { MachineFault, RackScenario } from '../lab/scenario.ts';
import { type Site, startSite } from './start-site.ts';

const speed = 20;

export type SiteWish = Omit<Parameters<typeof startSite>[0], 'number' | 'speed'>;

/** Lets somebody work at a site, and closes it whatever happens there. `number`: as `startSite` wants it. */
export async function visitSite(number: number, wish: SiteWish, visit: (site: Site) => Promise<void>): Promise<void> {
  const site = await startSite({ number, speed, ...wish });
  try {
    await visit(site);
  } finally {
    await site.close();
  }
}

/** The scenario with something else about one of its machines. */
export const withMachine =
  (name: string, change: Partial<RackScenario['machines'][number]>) =>
  (scenario: RackScenario): RackScenario => ({
    ...scenario,
    machines: scenario.machines.map((machine) => (machine.name === name ? { ...machine, ...change } : machine)),
  });

export const withFault = (name: string, fault: MachineFault) => withMachine(name, { faults: [fault] });

/** How often a disk of that machine was written. */
export const wipesOf = (site: Site, name: string) =>
  [...(site.rack.statistics().machines.get(name)?.wipes.values() ?? [])].reduce((sum, count) => sum + count, 0);

export const allWipes = (site: Site) =>
  [...site.rack.statistics().machines.keys()].reduce((sum, name) => sum + wipesOf(site, name), 0);
