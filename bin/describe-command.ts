import { Option } from 'commander';
import { stringify } from 'yaml';
import { selectMachine } from '../installer/index.ts';
import { describeMachine } from '../ui/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { type CollectFlags, collectMachines, looking } from './collect-machines.ts';
import { lookOf } from './print-lines.ts';

interface DescribeFlags extends CollectFlags {
  readonly output: 'text' | 'json' | 'yaml';
}

/** `rackwright describe machine`: all that is known of one machine, and what is not known, with the reason. */
export const addDescribeCommand: AddCommand = (program, { world, end }) => {
  const describe = program.command('describe').description('Tells all that is known of one thing.');
  looking(
    describe
      .command('machine')
      .argument('<machine>', 'its name in the rack file, a MAC address, its UUID or its address')
      .argument('[rack-file]', 'names the machines, and keeps what is seen'),
  )
    .description('All that is known of one machine, and what is not known, with the reason; reads only.')
    .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json', 'yaml']).default('text'))
    .action(async (wanted: string, path: string | undefined, flags: DescribeFlags) => {
      end(
        await answer(world, async () => {
          const machine = selectMachine((await collectMachines(path, flags, world)).items, wanted);
          const look = lookOf(world);
          if (flags.output === 'json') world.out.write(`${JSON.stringify(machine, undefined, 2)}\n`);
          else if (flags.output === 'yaml') world.out.write(stringify(machine));
          else for (const line of describeMachine(machine, look)) world.out.write(`${line}\n`);
          return 0;
        }),
      );
    });
};
