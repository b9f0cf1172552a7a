import { constants, open, rm, writeFile } from 'node:fs/promises';
import { isInstalled, median } from './bench-process.ts';
import type { BootBench } from './boot-bench.ts';
import { type DhcpLink, type DhcpLoad, openDhcpLink } from './dhcp-link.ts';

const goals = {
  leases: 'leases on the disk before the ACK, 16 clients at a time >= 1.0 of Kea',
  leasesOfRack: 'leases on the disk before the ACK, 64 clients at a time >= 1.0 of Kea',
  conflict: '>= 100 new clients a second with the conflict check on',
};
const machines = 1000;
/** A rack that powers on asks with more than 16 at a time, and more leases share a flush. */
const rackAtOnce = 64;

/** Full DHCP with leases on the disk: DISCOVER, OFFER, REQUEST, ACK. */
export async function benchLeases(bench: BootBench): Promise<void> {
  const { report, rounds } = bench;
  const link = await openDhcpLink(bench, 'leases');
  if (typeof link === 'string') {
    for (const goal of Object.values(goals)) report.addMissing(goal, link);
    return;
  }
  const { ours, pool, subnet, inside, run } = link;
  const hasKea = isInstalled('kea-dhcp4');
  const ratios: number[] = [];
  const rackRatios: number[] = [];
  const speeds: number[] = [];
  const rackSpeeds: number[] = [];
  const flushes: number[] = [];
  const fresh: DhcpLoad[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const server = await bench.startOurs({ ...ours, leases: bench.path(`leases-${round}`), pool, subnet }, inside);
    fresh.push(await run('dora', machines, machines, 64));
    await run('dora', 10_000, machines);
    const mine = await run('dora', 10_000, machines);
    const ofRack = await run('dora', 10_000, machines, rackAtOnce);
    speeds.push(mine.perSecond);
    rackSpeeds.push(ofRack.perSecond);
    flushes.push(await flushMicros(bench));
    await server.stop();
    if (!hasKea) continue;
    const kea = await startKea(bench, link);
    await run('dora', 10_000, machines);
    ratios.push(mine.perSecond / (await run('dora', 10_000, machines)).perSecond);
    rackRatios.push(ofRack.perSecond / (await run('dora', 10_000, machines, rackAtOnce)).perSecond);
    await kea.stop();
  }
  const newClients = median(fresh.map(({ perSecond }) => perSecond));
  report.add({
    goal: goals.conflict,
    measured: `${newClients.toFixed(0)}/s, ${Math.min(...fresh.map(({ acknowledged }) => acknowledged))} of ${machines}`,
    isMet: newClients >= 100 && fresh.every(({ acknowledged }) => acknowledged >= machines),
  });
  if (!hasKea) {
    for (const goal of [goals.leases, goals.leasesOfRack]) report.addMissing(goal, 'kea-dhcp4 is not installed');
    return;
  }
  const why = `all 16 wait for one flush, of ${median(flushes).toFixed(0)} us here, and Kea never flushes`;
  report.addRatio(goals.leases, ratios, { atLeast: 1 }, `${median(speeds).toFixed(0)} ACKs/s; ${why}`);
  report.addRatio(goals.leasesOfRack, rackRatios, { atLeast: 1 }, `${median(rackSpeeds).toFixed(0)} ACKs/s`);
}

async function startKea(bench: BootBench, { pool, subnet, inside }: DhcpLink) {
  const config = bench.path('kea.json');
  const leases = bench.path('kea.csv');
  await rm(leases, { force: true });
  await writeFile(
    config,
    JSON.stringify({
      Dhcp4: {
        'interfaces-config': { interfaces: ['vs'], 'dhcp-socket-type': 'udp' },
        'lease-database': { type: 'memfile', persist: true, name: leases, 'lfc-interval': 0 },
        'multi-threading': { 'enable-multi-threading': false },
        'valid-lifetime': 3600,
        subnet4: [{ subnet, pools: [{ pool: `${pool.first} - ${pool.last}` }] }],
        loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: 'stderr' }] }],
      },
    }),
  );
  const { directory } = bench;
  return bench.start(['kea-dhcp4', '-c', config], {
    ...inside,
    env: { KEA_LOCKFILE_DIR: 'none', KEA_PIDFILE_DIR: directory, KEA_DHCP_DATA_DIR: directory },
  });
}

/** How long the disk of the bench takes for one write that is flushed. */
async function flushMicros(bench: BootBench): Promise<number> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_DSYNC } = constants;
  const file = await open(bench.path('flushed'), O_WRONLY | O_CREAT | O_APPEND | O_DSYNC);
  const begun = performance.now();
  const writes = 100;
  for (let count = 0; count < writes; count += 1) await file.appendFile('x'.repeat(1600));
  const micros = ((performance.now() - begun) / writes) * 1000;
  await file.close();
  return micros;
}
