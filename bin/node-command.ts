import { type Command, Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import { Journal } from '../core/journal.ts';
import { type Millis } from '../core/millis.ts';
import { discoveryTimeout, ensureMachine, removedMachines, runNodeAdd } from '../installer/index.ts';
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
    .option('--state <directory>', 'where the journal is kept')
    .action(async (path: string, machine: string, flags: { reason: string; state?: string }) => {
      cli.end(await release(path, machine, flags, world));
    });
};

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

const release = (path: string, machine: string, flags: { reason: string; state?: string }, world: World) =>
  answer(world, async (): Promise<ExitCode> => {
    const { rackFile, stateDirectory } = await readRackPlace(path, flags, world);
    const lock = await world.lock(stateDirectory);
    try {
      const journal = await Journal.open(`${stateDirectory}/journal.jsonl`, { ...world, writer: lock.writer });
      const isRemoved = removedMachines(journal.entries).some(({ name }) => name === machine);
      // One that was removed may have left the rack file.
      if (!isRemoved) ensureMachine(rackFile.spec, machine);
      const lastWord = journal.entries.findLast(
        ({ record }) =>
          (record.type === 'machine.frozen' || record.type === 'machine.released') && record.machine === machine,
      );
      if (lastWord?.record.type !== 'machine.frozen' && !isRemoved) {
        world.out.write(`${machine} is not held; nothing was changed.\n`);
        return 0;
      }
      await journal.append({ type: 'machine.released', machine, reason: flags.reason });
      world.out.write(`${machine} is released; it may ask the network for a boot file again.\n`);
      return 0;
    } finally {
      await lock.release();
    }
  });
