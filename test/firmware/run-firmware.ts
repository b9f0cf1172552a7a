import { join } from 'node:path';
import type { BootServerConfig } from './boot-server.ts';
import type { Run } from './firmware-runs.ts';
import { prompt } from './make-uki.ts';
import { powerOn } from './power-on.ts';
import { ProvisioningNetwork, serverAddress } from './provisioning-network.ts';
import type { RunningProgram } from './running-program.ts';

export type Outcome =
  /** Linux runs, with this command line, and a shell answers what is typed. */
  | { readonly kind: 'booted'; readonly commandLine: string }
  | { readonly kind: 'failed'; readonly console: string }
  /** The stranger asked three times. */
  | { readonly kind: 'ignored' };

export interface RunResult {
  readonly run: Run;
  readonly mac: string;
  readonly uuid: string;
  readonly outcome: Outcome;
  /** What the boot server printed, line by line. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export interface Site {
  readonly directory: string;
  readonly ukis: BootServerConfig['ukis'];
  readonly loaders: BootServerConfig['loaders'];
}

/** Powers one machine on in a network of its own, and tells how that ended. */
export async function runFirmware(run: Run, index: number, { directory, ukis, loaders }: Site): Promise<RunResult> {
  const number = (index + 1).toString(16).padStart(2, '0');
  const machine = { mac: `52:54:00:98:00:${number}`, uuid: `11223344-5566-7788-99aa-bbccddeeff${number}` };
  const { way, lan, isStranger } = run;
  const network = new ProvisioningNetwork(`rackwright-${process.pid}-${index}`);
  try {
    await network.open();
    await network.startDhcpServer(lan);
    const config: BootServerConfig = {
      serverAddress,
      ukis,
      loaders,
      machines: isStranger ? [] : [machine.mac],
      ...(way.through === undefined ? {} : { through: way.through }),
      hidesIpxe: way.hidesIpxe === true,
    };
    const program = join(import.meta.dirname, 'boot-server.ts');
    const server = network.start(process.execPath, [program, JSON.stringify(config)]);
    await server.until('the boot server listens', 30_000, (printed) => printed.includes('boot.listening') || undefined);
    const console = await powerOn(network, directory, { ...machine, firmware: way.firmware });
    const outcome = isStranger ? await ignored(server) : await ended(console, way.fails?.[lan]);
    return { run, ...machine, outcome, lines: linesOf(server) };
  } finally {
    await network.close();
  }
}

/** A slow machine shared with others is given time; an ending that the firmware shows itself is not waited for longer. */
const patienceMillis = 180_000;

async function ended(console: RunningProgram, failure: RegExp | undefined): Promise<Outcome> {
  const end = await console.until('a Linux prompt', patienceMillis, (printed) => {
    if (printed.includes(prompt)) return 'prompt';
    return failure === undefined ? undefined : failure.exec(printed)?.[0];
  });
  if (end !== 'prompt') return { kind: 'failed', console: end };
  console.type('echo answer-$((6*7))\n');
  await console.until('the answer', 30_000, (printed) => printed.includes('answer-42') || undefined);
  return { kind: 'booted', commandLine: /COMMAND-LINE=(.*)=\r?\n/.exec(console.printed)?.[1] ?? '' };
}

async function ignored(server: RunningProgram): Promise<Outcome> {
  const questions = () => linesOf(server).filter((line) => line['kind'] === 'boot').length;
  await server.until('the firmware asks for the third time', patienceMillis, () => questions() >= 3 || undefined);
  return { kind: 'ignored' };
}

function linesOf(program: RunningProgram): Record<string, unknown>[] {
  const whole = program.printed.split('\n').slice(0, -1);
  return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
}
