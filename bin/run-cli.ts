import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import { minutes } from '../core/millis.ts';
import { type UpFlags, upCommand } from './up-command.ts';
import type { World } from './world.ts';

/** Runs one command line and gives its exit code (docs/exit-codes.md). Usage errors are 4. */
export async function runCli(argv: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command('rackwright')
    .description('Boots racks of machines into Talos Linux clusters and hands the remaining layers to Flux.')
    .version(await version(world))
    .exitOverride()
    .configureOutput({ writeOut: (text) => world.out.write(text), writeErr: (text) => world.err.write(text) });

  program
    .command('up')
    .description('From a rack file and machines that power on to a cluster that Flux takes over.')
    .argument('<rack-file>', 'what the rack is to become, such as rack.yaml')
    .option('--dry-run', 'show the plan and stop; exit code 2 when there is something to do', false)
    .option('-y, --yes', 'do not ask before disks are written; never stands for the loss of data', false)
    .option('--confirm <name>', 'the name of the rack: allows what is on the disks in the plan to be lost')
    .option('--retry <step>', 'let a step start again that may have worked before (repeatable)', collect)
    .option('--wait <minutes>', 'how long machines may take to come up; 30 when left out', parseMinutes)
    .addOption(
      new Option('-o, --output <format>', 'how to tell what happens').choices(['text', 'json']).default('text'),
    )
    .option('--no-tui', 'plain lines also on a terminal')
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (rackFile: string, flags: UpFlags) => {
      exitCode = await upCommand(rackFile, flags, ['rackwright', ...argv].map(quote).join(' '), world);
    });

  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? 0 : 4;
  }
}

const collect = (step: string, steps: readonly string[] = []) => [...steps, step];

function parseMinutes(text: string) {
  const count = Number(text);
  if (!Number.isFinite(count) || count <= 0) throw new InvalidArgumentError('must be a number of minutes above 0');
  return minutes(count);
}

/** An argument as a shell takes it, so that the command line shown can be copied. */
const quote = (argument: string) =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;

async function version(world: World): Promise<string> {
  for (const place of ['../package.json', '../../package.json']) {
    const text = await world.files.readText(new URL(place, import.meta.url).pathname);
    if (text !== undefined) return (JSON.parse(text) as { version: string }).version;
  }
  return 'unknown';
}
