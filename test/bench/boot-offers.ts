import { isInstalled } from './bench-process.ts';
import type { BootBench } from './boot-bench.ts';
import { type DhcpLink, openDhcpLink } from './dhcp-link.ts';

const goals = { offers: 'PXE offers >= 1.9 of dnsmasq', burst: 'a burst of 4,000 DISCOVERs, all answered' };
const machines = 1000;
const why = 'each answer takes its own way through the kernel, 4 us of 14, and the load client takes 5';

/** DISCOVERs of PXE firmware: how many are answered in a second, and of a rack that powers on. */
export async function benchOffers(bench: BootBench): Promise<void> {
  const { report, rounds } = bench;
  const link = await openDhcpLink(bench, 'offers');
  if (typeof link === 'string') {
    for (const goal of Object.values(goals)) report.addMissing(goal, link);
    return;
  }
  const ratios: number[] = [];
  const bursts: number[] = [];
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const server = await bench.startOurs(link.ours, link.inside);
    await link.run('pxe', 100_000, machines);
    const mine = await link.run('pxe', 100_000, machines);
    best = Math.max(best, mine.perSecond);
    bursts.push((await link.run('burst', 4000, 100_000)).offers);
    await server.stop();
    if (!isInstalled('dnsmasq')) continue;
    const peer = await startDnsmasq(bench, link);
    await link.run('pxe', 20_000, machines);
    ratios.push(mine.perSecond / (await link.run('pxe', 100_000, machines)).perSecond);
    await peer.stop();
  }
  if (ratios.length === 0) report.addMissing(goals.offers, 'dnsmasq is not installed');
  else report.addRatio(goals.offers, ratios, { atLeast: 1.9 }, `${best.toFixed(0)} offers/s; ${why}`);
  report.add({ goal: goals.burst, measured: bursts.join(', '), isMet: bursts.every((count) => count === 4000) });
}

const startDnsmasq = (bench: BootBench, { pool, inside }: DhcpLink) =>
  bench.start(
    [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=', '--port=0', '--user=root'],
      ...['--interface=vs', '--bind-interfaces', '--dhcp-authoritative', '--dhcp-lease-max=100000'],
      ...['--leasefile-ro', '--quiet-dhcp', '--no-ping', '--dhcp-boot=talos-amd64.efi'],
      `--dhcp-range=${pool.first},${pool.last},255.255.0.0,1h`,
    ],
    inside,
  );
