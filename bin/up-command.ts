import { Option } from 'commander';
import type { Millis } from '../core/millis.ts';
import { discoveryTimeout, runUp } from '../installer/index.ts';
import type { AddCommand } from './cli.ts';
import { onRack, type RackFlags } from './on-rack.ts';
import { collect, parseCount, parseMinutes } from './parse-options.ts';
import { searching, serving } from './rack-flags.ts';

interface UpFlags extends RackFlags {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly confirm?: readonly string[];
  readonly wait?: Millis;
  readonly override?: readonly string[];
}

/** `rackwright up`: from a rack file and machines that power on to a cluster that Flux takes over. */
export const addUpCommand: AddCommand = (program, { world, typed, end }) => {
  const command = program
    .command('up')
    .description('From a rack file and machines that power on to a cluster that Flux takes over.')
    .argument('<rack-file>', 'what the rack is to become, such as rack.yaml')
    .option('--dry-run', 'show the plan and stop; exit code 2 when there is something to do', false)
    .option('-y, --yes', 'do not ask before disks are written; never stands for the loss of data', false)
    .option('--confirm <name>', 'a machine whose data may be lost, or the rack for all (repeatable)', collect)
    .option('--retry <step>', 'let a step start again that may have worked before (repeatable)', collect)
    .option('--override <check=reason>', 'go on although CHECK or CHECK@MACHINE fails (repeatable)', collect)
    .option('--parallel <count>', 'how many machines are installed at once; 20 when left out', parseCount)
    .option('--wait <minutes>', 'how long machines may take to come up; 30 when left out', parseMinutes);
  serving(searching(command))
    .addOption(
      new Option('-o, --output <format>', 'how to tell what happens').choices(['text', 'json']).default('text'),
    )
    .option('--no-tui', 'plain lines also on a terminal')
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (path: string, flags: UpFlags) => {
      const code = await onRack({ path, flags, command: typed, readOnly: flags.dryRun }, world, (options, ask) =>
        runUp(
          {
            ...options,
            approval: { yes: flags.yes, confirm: flags.confirm ?? [], ask },
            discoveryTimeout: flags.wait ?? discoveryTimeout,
            overrides: flags.override ?? [],
          },
          world,
        ),
      );
      end(code);
    });
};
