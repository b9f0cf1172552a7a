import { join } from 'node:path';
import type { BootServerConfig } from './boot-server.ts';
import type { Run, Way } from './firmware-runs.ts';
import { diskWords } from './make-disk.ts';
import { prompt } from './make-uki.ts';
import { powerOn } from './power-on.ts';
import { type Lan, ProvisioningNetwork, serverAddress } from './provisioning-network.ts';
import type { RunningProgram } from './running-program.ts';

export type Outcome =
  /** Linux runs, with this command line, and a shell answers what is typed. */
  | { readonly kind: 'booted'; readonly commandLine: string }
  /** The machine was told to boot its disk, and did. */
  | { readonly kind: 'disk' }
  | { readonly kind: 'failed'; readonly console: string }
  /** The stranger asked three times. */
  | { readonly kind: 'ignored' };

export interface RunResult {
  readonly run: Run;
  readonly mac: string;
  readonly uuid: string;
  readonly outcome: Outcome;
  /** All that the machine printed. */
  readonly console: string;
  /** What the boot server printed, line by line. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export interface Site {
  readonly directory: string;
  readonly ukis: BootServerConfig['ukis'];
  /** The amd64 one with a signature. */
  readonly signed: string;
  readonly loaders: BootServerConfig['loaders'];
  /** Arguments that attach a disk, by the kind of firmware that starts it. */
  readonly disks: { readonly bios: readonly string[]; readonly efi: readonly string[] };
}

/** Powers one machine on in a network of its own, and tells how that ended. */
export async function runFirmware(run: Run, index: number, site: Site): Promise<RunResult> {
  const number = (index + 1).toString(16).padStart(2, '0');
  const { way, lan, isStranger } = run;
  const machine = {
    mac: way.ownMac ?? `52:54:00:98:00:${number}`,
    uuid: `11223344-5566-7788-99aa-bbccddeeff${number}`,
  };
  const { directory, ukis, signed, loaders, disks } = site;
  const { firmware, intent = { kind: 'boot' }, isSigned = false, addressesTo } = way;
  const network = new ProvisioningNetwork(`rackwright-${process.pid}-${index}`);
  try {
    await network.open();
    await network.startDhcpServer(lan);
    const config: BootServerConfig = {
      serverAddress,
      ukis: isSigned ? { ...ukis, amd64: signed } : ukis,
      loaders,
      machines: isStranger ? [] : [machine.mac],
      intent,
      ...(addressesTo === undefined
        ? {}
        : { addresses: { to: addressesTo, path: join(directory, `leases-${number}.jsonl`) } }),
      hidesIpxe: way.hidesIpxe === true,
      hidesDiscoveryControl: way.asksTwice === true,
    };
    const program = join(import.meta.dirname, 'boot-server.ts');
    const server = network.start(process.execPath, [program, JSON.stringify(config)]);
    await server.until('the boot server listens', 30_000, (printed) => printed.includes('boot.listening') || undefined);
    const disk = intent.kind === 'local-disk' ? disks[firmware === 'seabios' ? 'bios' : 'efi'] : [];
    const console = await powerOn(network, directory, { ...machine, firmware, disk });
    const outcome = isStranger ? await ignored(server) : await ended(console, way, lan);
    return { run, ...machine, outcome, console: console.printed, lines: linesOf(server) };
  } finally {
    await network.close();
  }
}

/** A slow machine shared with others is given time; an ending that the firmware shows itself is not waited for longer. */
const patienceMillis = 480_000;

async function ended(console: RunningProgram, { fails, failureWords }: Way, lan: Lan): Promise<Outcome> {
  const failure = fails?.[lan];
  const end = await console.until('a Linux prompt', patienceMillis, (printed) => {
    if (printed.includes(prompt)) return 'prompt';
    if (printed.includes(diskWords)) return 'disk';
    return failure === undefined ? undefined : failure.exec(printed)?.[0];
  });
  if (end === 'disk') return { kind: 'disk' };
  if (end !== 'prompt') return { kind: 'failed', console: failureWords ?? end };
  console.type('echo answer-$((6*7))\n');
  await console.until('the answer', 30_000, (printed) => printed.includes('answer-42') || undefined);
  const commandLine = /COMMAND-LINE=(.*)=\r?\n/.exec(console.printed)?.[1] ?? '';
  return commandLine.includes(diskWords.replaceAll(' ', '-')) ? { kind: 'disk' } : { kind: 'booted', commandLine };
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
