import { type BootBench, bootServer } from './boot-bench.ts';
import { preparePowerOn, type Way, whatPowerOnLacks, wordsOf } from './power-on.ts';

const goal = 'power-on to kernel under OVMF <= 0.65 of dnsmasq with ipxe.efi, time';
const shown = 'power-on to kernel under OVMF in another way of ours';
/** Each is a minute and a half of an emulator. */
const mostRounds = 3;

/** From power-on to the first line of the kernel, in an emulator. */
export async function benchPowerOn({ report, rounds, directory }: BootBench): Promise<void> {
  const lacking = whatPowerOnLacks();
  if (lacking !== undefined) {
    report.addMissing(goal, lacking);
    return;
  }
  const powerOn = await preparePowerOn(directory, bootServer);
  const timesOf: Record<Way, number[]> = { recommended: [], full: [], http: [] };
  const peer: number[] = [];
  for (let round = 0; round < Math.min(rounds, mostRounds); round += 1) {
    for (const way of ['recommended', 'full', 'http'] as const) timesOf[way].push(await powerOn.ours(way));
    peer.push(await powerOn.peer());
  }
  const ratiosOf = (way: Way) => timesOf[way].map((time, round) => time / (peer[round] ?? Number.NaN));
  const remarkOf = (way: Way) => `${wordsOf(way)}: ${inSeconds(timesOf[way])}; theirs ${inSeconds(peer)}`;
  const remark = `${remarkOf('recommended')}; the emulator is bound to no core: iPXE waits 16 s, which count less the less it gets`;
  report.addRatio(goal, ratiosOf('recommended'), { atMost: 0.65 }, remark);
  for (const way of ['full', 'http'] as const) report.addShown(shown, ratiosOf(way), remarkOf(way));
}

const inSeconds = (times: readonly number[]) => `${times.map((time) => time.toFixed(1)).join(', ')} s`;
