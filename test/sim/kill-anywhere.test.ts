import { describe, expect, it } from 'vitest';
import { expectExit } from './expect-exit.ts';
import { type Site, startSite } from './start-site.ts';

/** What must be equal however often the installer was killed on the way. */
async function endState(site: Site) {
  const { machines, bootstraps, etcdMembers } = site.rack.statistics();
  const kubeconfig = await site.file('demo.kubeconfig');
  const talosconfig = await site.file('demo.talosconfig');
  return {
    wipes: Object.fromEntries([...machines].map(([name, { wipes }]) => [name, Object.fromEntries(wipes)])),
    appliedConfigs: Object.fromEntries([...machines].map(([name, { appliedConfigs }]) => [name, appliedConfigs])),
    bootstraps,
    etcdMembers: etcdMembers
      .map(({ hostname, isLearner }) => ({ hostname, isLearner }))
      .toSorted((a, b) => a.hostname.localeCompare(b.hostname)),
    modes: [kubeconfig.mode, talosconfig.mode],
  };
}

const speed = 20;
/** Records that an uninterrupted run of the demo writes; the first test fails when this is not so any more. */
const recordsOfARun = 46;

/** Each has a life of its own, with two starts of the command: with RACKWRIGHT_EVERY_RECORD=1 all of them, else every third. */
const step = process.env['RACKWRIGHT_EVERY_RECORD'] === '1' ? 1 : 3;
const killed = Array.from({ length: recordsOfARun }, (_, index) => index + 1).filter((record) => record % step === 0);

const uninterrupted = (async () => {
  const site = await startSite({ number: 200, speed });
  try {
    const run = await site.up();
    return {
      run,
      state: await endState(site),
      records: (await site.journal()).length,
    };
  } finally {
    await site.close();
  }
})();

describe('rackwright up, killed after any record of its journal', () => {
  it('needs no second start when nothing kills it', async () => {
    const { run, state, records } = await uninterrupted;
    expectExit(run, 0);
    expect(run.events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'handed off to Flux' });
    expect(records).toBe(recordsOfARun);
    expect(state).toMatchObject({ bootstraps: 1, modes: [0o600, 0o600] });
    expect(state.wipes).toMatchObject({
      'node-3': { BTYF03240AB1480BGN: 1, S64GNE0T700231: 0 },
      stranger: { PHLJ915002RK1P0FGN: 0 },
    });
    const counts = Object.values(state.wipes).flatMap((disks) => Object.values(disks));
    expect(counts.filter((count) => count > 0)).toEqual(Array(6).fill(1));
  });

  it.concurrent.each(killed)('ends in the same state after a SIGKILL behind record %i', async (record) => {
    const site = await startSite({ number: record, speed });
    try {
      const first = await site.up(undefined, { killAfter: record });
      expectExit(first, 'SIGKILL');
      expect(await site.journal()).toHaveLength(record);
      const second = await site.up();
      expectExit(second, 0);
      expect(await endState(site)).toEqual((await uninterrupted).state);
    } finally {
      await site.close();
    }
  });
});
