import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { median } from './bench-process.ts';
import { type BootBench, onLoopback } from './boot-bench.ts';
import { ourTftp, startTftpPeers, type TftpServer } from './tftp-peers.ts';

const file = 'tiny';
const link = { file, atOnce: 8, inAll: 8, lossPercent: 2, roundTripMillis: 2 };
/** A peer's transfers that did not all end have no time; this is how long the load client waits. */
const patienceMillis = 120_000;

const goals = [
  { goal: '2 % loss and 2 ms, lock-step: time <= 1/9 of the best peer', window: 1, atMost: 1 / 9 },
  { goal: '2 % loss and 2 ms, window 4: time <= 1/6 of the best peer', window: 4, atMost: 1 / 6 },
];

/** How long files take over a link that loses packets; few packets are lost in one run, so there are more of them. */
export async function benchTftpLoss(bench: BootBench): Promise<void> {
  const client = bench.compile('tftp-load');
  await writeFile(bench.path(file), randomBytes(250_000));
  const { peers, stop } = await startTftpPeers(bench, client);
  try {
    await measure(bench, client, peers);
  } finally {
    await stop();
  }
}

async function measure(bench: BootBench, client: string, peers: readonly TftpServer[]): Promise<void> {
  const server = await bench.startOurs(onLoopback(7069, 7080, bench.path(file)));
  const ours = ourTftp(bench, client, 'ours', 7069);
  for (const { goal, window, atMost } of goals) {
    if (peers.length === 0) {
      bench.report.addMissing(goal, 'no peer is installed');
      continue;
    }
    const mine: number[] = [];
    const ratios: number[] = [];
    for (let seed = 1; seed <= Math.max(window === 1 ? 3 : 9, bench.rounds); seed += 1) {
      const work = { ...link, window, seed };
      mine.push((await ours.run(work)).p50Millis);
      const times: number[] = [patienceMillis];
      for (const peer of peers) {
        const { failed, p50Millis } = await peer.run(work);
        if (failed === 0) times.push(p50Millis);
      }
      ratios.push((mine.at(-1) ?? Number.NaN) / Math.min(...times));
    }
    bench.report.addRatio(
      goal,
      ratios,
      { atMost },
      `${median(mine).toFixed(0)} ms for 250 kB, ${ratios.length} rounds`,
    );
  }
  await server.stop();
}
