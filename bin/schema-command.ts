import { rackJsonSchema } from '../installer/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';

/** `rackwright schema`: the JSON Schema of the rack file, for editors. */
export const addSchemaCommand: AddCommand = (program, { world, end }) => {
  program
    .command('schema')
    .description('Prints the JSON Schema of the rack file, for editors.')
    .action(async () => {
      const code = await answer(world, () => {
        world.out.write(`${JSON.stringify(rackJsonSchema(), undefined, 2)}\n`);
        return Promise.resolve(0);
      });
      end(code);
    });
};
