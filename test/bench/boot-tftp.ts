import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { median } from './bench-process.ts';
import { type BootBench, onLoopback } from './boot-bench.ts';
import { ourTftp, startTftpPeers, type TftpLoad, type TftpServer, type TftpWork } from './tftp-peers.ts';

const sizes = { large: 50_000_000, small: 1_000_000 };
const alone = { file: 'large', atOnce: 1, inAll: 1 };
const works: Readonly<Record<string, TftpWork>> = {
  w1: { ...alone, window: 1 },
  w4: { ...alone, window: 4 },
  w16: { ...alone, window: 16 },
  50: { file: 'small', window: 4, atOnce: 50, inAll: 200 },
};

/** Node takes datagrams one by one and wakes JavaScript for each; docs/decisions/0041 says what was tried. */
const eventLoop =
  '; most of a block is the kernel’s and Node’s receive path (two recvmsg calls, a 64 KiB buffer, one call into JavaScript)';

const goals = [
  { goal: 'TFTP lock-step >= 0.80 of dnsmasq', work: 'w1', peer: 'dnsmasq', atLeast: 0.8, why: eventLoop },
  {
    goal: 'TFTP window 4 >= 1.15 of dnsmasq (lock-step: it has no windows)',
    ...{ work: 'w4', peer: 'dnsmasq', atLeast: 1.15 },
  },
  { goal: 'TFTP window 4 >= 0.90 of atftpd', work: 'w4', peer: 'atftpd', atLeast: 0.9 },
  { goal: 'TFTP window 16 >= 1.35 of dnsmasq', work: 'w16', peer: 'dnsmasq', atLeast: 1.35 },
  { goal: 'TFTP 50 clients, window 4 >= 1.15 of atftpd', work: '50', peer: 'atftpd', atLeast: 1.15 },
];

/** How fast files leave over TFTP on a link that loses nothing. */
export async function benchTftp(bench: BootBench): Promise<void> {
  const client = bench.compile('tftp-load');
  for (const [name, size] of Object.entries(sizes)) await writeFile(bench.path(name), randomBytes(size));
  const { peers, stop } = await startTftpPeers(bench, client);
  try {
    await measure(bench, client, peers);
  } finally {
    await stop();
  }
}

async function measure(bench: BootBench, client: string, peers: readonly TftpServer[]): Promise<void> {
  const { report } = bench;
  const results = new Map<string, TftpLoad[]>();
  for (const file of Object.keys(sizes)) {
    // One pair of servers for all of a file, so that their code is as warm as in a rack.
    const running = [
      await bench.startOurs(onLoopback(7069, 7080, bench.path(file))),
      await bench.startOurs(onLoopback(7169, 7180, bench.path(file)), { native: false }),
    ];
    const ours = [ourTftp(bench, client, 'ours', 7069), ourTftp(bench, client, 'plain', 7169)];
    for (const { run } of ours) for (const window of [1, 4]) await run({ ...alone, file, window });
    for (const [id, work] of Object.entries(works)) {
      if (work.file !== file) continue;
      for (let round = 0; round < bench.rounds; round += 1) {
        for (const { name, run } of [...ours, ...peers]) {
          const key = `${name} ${id}`;
          results.set(key, [...(results.get(key) ?? []), await run(work)]);
        }
      }
    }
    if (file === 'small' && ours[0] !== undefined) {
      const rack = await ours[0].run({ file, window: 1, atOnce: 1000, inAll: 1000 });
      report.add({
        goal: '1,000 TFTP clients at once, byte-exact, without a time-out',
        measured: `${1000 - rack.failed} exact, ${rack.timeouts} time-outs`,
        isMet: rack.failed === 0 && rack.timeouts === 0,
      });
    }
    for (const server of running) await server.stop();
  }

  const speed = ({ megabytesPerSecond, failed }: TftpLoad) => (failed > 0 ? 0 : megabytesPerSecond);
  for (const { goal, work, peer, atLeast, why = '' } of goals) {
    const theirs = results.get(`${peer} ${work}`);
    if (theirs === undefined) {
      report.addMissing(goal, `${peer} is not installed, or this is not root`);
      continue;
    }
    const of = (name: string) => (results.get(`${name} ${work}`) ?? []).map(speed);
    const ratios = (name: string) => of(name).map((one, at) => one / speed(theirs[at] as TftpLoad));
    const remark = `${median(of('ours')).toFixed(0)} MB/s; without koffi ${median(ratios('plain')).toFixed(2)}${why}`;
    report.addRatio(goal, ratios('ours'), { atLeast }, remark);
  }
}
