import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import { Journal } from '../core/journal.ts';
import { parseMac } from '../core/mac-address.ts';
import { type Millis } from '../core/millis.ts';
import {
  decideRelease,
  discoveryTimeout,
  ensureMachine,
  removedMachines,
  runNodeAdd,
  whyRemoved,
} from '../installer/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { onRack, type RackFlags } from './on-rack.ts';
import { collect, parseCount, parseMinutes } from './parse-options.ts';
import { readRackPlace } from './read-rack-place.ts';
import type { World } from './world.ts';

interface AddFlags extends RackFlags {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly confirm?: readonly string[];
  readonly override?: readonly string[];
  readonly wait?: Millis;
}

/** `rackwright node add|release`: more machines for a cluster that runs, and one that was frozen back to it. */
export const addNodeCommand: AddCommand = (program, cli) => {
  const { world } = cli;
  const node = program.command('node').description('Machines of a cluster that runs.');
  changing(node.command('add').argument('<rack-file>', 'the rack file, with the new machines in it'))
    .description('Installs the machines of the rack file that are not in the cluster yet, and lets them join it.')
    .option('--parallel <count>', 'how many machines are installed at once; 20 when left out', parseCount)
    .option('--override <check=reason>', 'go on although this check fails (repeatable)', collect)
    .action(async (path: string, flags: AddFlags) => {
      cli.end(
        await onRack({ path, flags, command: cli.typed, readOnly: flags.dryRun }, world, (options, ask) =>
          runNodeAdd(
            {
              ...options,
              approval: { yes: flags.yes, confirm: flags.confirm ?? [], ask },
              overrides: flags.override ?? [],
              discoveryTimeout: flags.wait ?? discoveryTimeout,
            },
            world,
          ),
        ),
      );
    });
  node
    .command('release')
    .description('Lets a machine boot again that never came up from its disk, or that was removed while it was silent.')
    .argument('<rack-file>', 'the rack file')
    .argument('<machine>', 'its name in the rack file')
    .requiredOption('--reason <text>', 'what was found and mended, for the journal (required)')
    .option(
      '--mac <address>',
      'which one, when another machine has got the name of one that was removed',
      parseMacOption,
    )
    .option('--state <directory>', 'where the journal is kept')
    .action(async (path: string, machine: string, flags: ReleaseFlags) => {
      cli.end(await release(path, machine, flags, world));
    });
};

interface ReleaseFlags {
  readonly reason: string;
  readonly mac?: string;
  readonly state?: string;
}

function parseMacOption(text: string): string {
  const mac = parseMac(text);
  if (mac === undefined) throw new InvalidArgumentError('must be a MAC address such as 52:54:00:00:00:01');
  return mac;
}

/** The options of a command that plans, shows, asks and acts. */
export const changing = (command: Command): Command =>
  command
    .option('--dry-run', 'show the plan and stop; exit code 2 when there is something to do', false)
    .option('-y, --yes', 'do not ask before disks are written; never stands for the loss of data', false)
    .option('--confirm <name>', 'a machine whose data may be lost (repeatable)', collect)
    .option('--retry <step>', 'let a step start again that may have worked before (repeatable)', collect)
    .option('--wait <minutes>', 'how long machines may take to come up; 30 when left out', parseMinutes)
    .addOption(
      new Option('-o, --output <format>', 'how to tell what happens').choices(['text', 'json']).default('text'),
    )
    .option('--no-tui', 'plain lines also on a terminal')
    .option('--state <directory>', 'where the journal and the sealed keys are kept');

const release = (path: string, machine: string, flags: ReleaseFlags, world: World) =>
  answer(world, async (): Promise<ExitCode> => {
    const { rackFile, stateDirectory } = await readRackPlace(path, flags, world);
    const lock = await world.lock(stateDirectory);
    try {
      const journal = await Journal.open(`${stateDirectory}/journal.jsonl`, { ...world, writer: lock.writer });
      const removed = () => removedMachines(journal.entries).filter(({ name }) => name === machine);
      const macs = decideRelease(journal.entries, machine, flags.mac);
      // One that is held may have left the rack file, or was never in it since a class chose it.
      if (macs === undefined && removed().length === 0) ensureMachine(rackFile.spec, machine);
      if (macs === undefined) world.out.write(`${machine} is not held; nothing was changed.\n`);
      else {
        await journal.append({ type: 'machine.released', machine, reason: flags.reason, macs });
        const which = macs.length === 0 ? machine : `${machine} (${macs.join(', ')})`;
        world.out.write(`${which} is released; it may ask the network for a boot file again.\n`);
      }
      for (const one of removed()) world.out.write(`${one.macs.join(', ')} stays held: ${whyRemoved(one)}\n`);
      return 0;
    } finally {
      await lock.release();
    }
  });
