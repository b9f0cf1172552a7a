import { type BootBench, bootServer } from './boot-bench.ts';
import { preparePowerOn, whatPowerOnLacks } from './power-on.ts';

const goal = 'power-on to kernel under OVMF <= 0.65 of dnsmasq with ipxe.efi, time';
/** Each is a minute or two of an emulator. */
const mostRounds = 3;

/** From power-on to the first line of the kernel, in an emulator. */
export async function benchPowerOn({ report, rounds, directory }: BootBench): Promise<void> {
  const lacking = whatPowerOnLacks();
  if (lacking !== undefined) {
    report.addMissing(goal, lacking);
    return;
  }
  const powerOn = await preparePowerOn(directory, bootServer);
  const ratios: number[] = [];
  const times: string[] = [];
  for (let round = 0; round < Math.min(rounds, mostRounds); round += 1) {
    const [mine, theirs] = [await powerOn.ours(), await powerOn.peer()];
    ratios.push(mine / theirs);
    times.push(`${mine.toFixed(1)} s and ${theirs.toFixed(1)} s`);
  }
  const remark = `${times.join(', ')}; one 110 MB UKI over TFTP, iPXE takes two files over HTTP and waits 16 s, which count less in a starved emulator`;
  report.addRatio(goal, ratios, { atMost: 0.65 }, remark);
}
