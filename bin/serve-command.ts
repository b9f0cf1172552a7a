import { Option } from 'commander';
import { runServe } from '../installer/index.ts';
import type { AddCommand } from './cli.ts';
import { onRack, type RackFlags } from './on-rack.ts';
import { searching, serving } from './rack-flags.ts';

/** `rackwright serve`: the boot server alone. */
export const addServeCommand: AddCommand = (program, { world, typed, end }) => {
  const command = program
    .command('serve')
    .description('Answers machines of a rack that boot until it is left with Ctrl-C; writes on none of them.')
    .argument('<rack-file>', 'the rack file');
  serving(searching(command))
    .addOption(
      new Option('-o, --output <format>', 'how to tell what happens').choices(['text', 'json']).default('text'),
    )
    .option('--no-tui', 'plain lines also on a terminal')
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (path: string, flags: RackFlags) => {
      end(await onRack({ path, flags, command: typed, readOnly: false }, world, (options) => runServe(options, world)));
    });
};
