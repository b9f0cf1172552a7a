import { Option } from 'commander';
import { stringify } from 'yaml';
import type { MachineListReport } from '../core/machine-report.ts';
import { printable, renderMachineTable } from '../ui/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { type CollectFlags, collectMachines, looking } from './collect-machines.ts';
import { lookOf } from './print-lines.ts';
import type { World } from './world.ts';

interface GetFlags extends CollectFlags {
  readonly output: 'table' | 'wide' | 'json' | 'yaml' | 'name';
}

/** `rackwright get machines`: every machine that is known, named or found, in a list. */
export const addGetCommand: AddCommand = (program, { world, end }) => {
  const get = program.command('get').description('Lists what is known.');
  looking(
    get.command('machines').alias('machine').argument('[rack-file]', 'names the machines, and keeps what is seen'),
  )
    .description('Every machine that is known, named or found, with what it is; reads only.')
    .addOption(
      new Option('-o, --output <format>', 'how to show them')
        .choices(['table', 'wide', 'json', 'yaml', 'name'])
        .default('table'),
    )
    .action(async (path: string | undefined, flags: GetFlags) => {
      end(
        await answer(world, async () => {
          world.out.write(render(await collectMachines(path, flags, world), flags, world));
          return 0;
        }),
      );
    });
};

function render(list: MachineListReport, { output }: GetFlags, world: World): string {
  const look = lookOf(world);
  switch (output) {
    case 'json':
      return `${JSON.stringify(list, undefined, 2)}\n`;
    case 'yaml':
      return stringify(list);
    case 'name':
      return list.items.map(({ name, identity }) => `machine/${name ?? identity}\n`).join('');
    case 'table':
    case 'wide': {
      for (const { address, reason } of list.unidentified) {
        world.err.write(`${printable(`${address}: ${reason}`, look)}\n`);
      }
      if (list.items.length === 0) {
        world.err.write('No machine was seen so far: boot it, or look for it with --address or --scan.\n');
        return '';
      }
      const lines = renderMachineTable(list.items, { ...look, isWide: output === 'wide' });
      return lines.map((line) => `${line}\n`).join('');
    }
  }
}
