import { killAll, schedulingText } from './bench-process.ts';
import { BootBench } from './boot-bench.ts';
import { benchHttp } from './boot-http.ts';
import { benchLeases } from './boot-leases.ts';
import { benchOffers } from './boot-offers.ts';
import { benchPowerOn } from './boot-power-on.ts';
import { benchTftp } from './boot-tftp.ts';
import { benchTftpLoss } from './boot-tftp-loss.ts';

/**
 * The boot server beside those that others use, for the same work: rounds are interleaved, a ratio is taken in each round,
 * and the median of the rounds counts. Prints each goal, met or missed. `npm run bench:boot -- 7` for seven rounds,
 * `npm run bench:boot -- 7 leases http` for some of the benches.
 */
const benches = {
  tftp: benchTftp,
  loss: benchTftpLoss,
  offers: benchOffers,
  leases: benchLeases,
  http: benchHttp,
  'power-on': benchPowerOn,
};
const [rounds = '3', ...chosen] = process.argv.slice(2);
const bench = await BootBench.open(Number(rounds));
try {
  for (const [name, run] of Object.entries(benches)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    await run(bench).catch((reason: unknown) =>
      bench.report.addMissing(`${name}: all that is not shown above`, String(reason)),
    );
  }
  console.log(bench.report.text);
  console.log(
    `Medians of ${rounds} rounds; ${schedulingText} (an emulator is bound to none); flood limits off, one address plays all clients.`,
  );
  if (chosen.length > 0) console.log(`Only ${chosen.join(', ')}.`);
} finally {
  await bench.close();
  killAll();
}
