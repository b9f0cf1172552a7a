import { dirname, resolve } from 'node:path';
import type { ExitCode } from '../core/fault.ts';
import { exportSecrets, importSecrets } from '../installer/index.ts';
import { secretsAt } from './access-command.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { fileMissing } from './file-missing.ts';
import { readRackPlace } from './read-rack-place.ts';

/** `rackwright secrets import|export`: the keys of a cluster, to and from the secrets.yaml of talosctl. */
export const addSecretsCommand: AddCommand = (program, { world, end }) => {
  const secrets = program.command('secrets').description('The keys of a cluster, as talosctl writes them.');
  const state = ['--state <directory>', 'where the journal and the sealed keys are kept'] as const;
  secrets
    .command('import')
    .description('Seals the keys of a cluster that was made otherwise, so that Rackwright can work on it.')
    .argument('<rack-file>', 'the rack file of the cluster')
    .argument('<secrets-file>', 'made by talosctl gen secrets')
    .option(...state)
    .action(async (rackPath: string, file: string, flags: { state?: string }) => {
      const code = await answer(world, async (): Promise<ExitCode> => {
        const place = await readRackPlace(rackPath, flags, world);
        const text = await world.files.readText(resolve(world.workingDirectory, file));
        if (text === undefined) throw fileMissing({ path: file });
        await world.files.makeDirectory(place.stateDirectory, 0o700);
        await world.files.makeDirectory(dirname(place.identityPath), 0o700);
        const lock = await world.lock(place.stateDirectory);
        try {
          const secrets = secretsAt(place, world);
          await importSecrets({ secrets, text });
          world.out.write(`${secrets.path}\n`);
        } finally {
          await lock.release();
        }
        return 0;
      });
      end(code);
    });
  secrets
    .command('export')
    .description('Writes the keys in clear: whoever has that file owns the cluster.')
    .argument('<rack-file>', 'the rack file of the cluster')
    .argument('<secrets-file>', 'a file that is not there yet')
    .option(...state)
    .action(async (rackPath: string, file: string, flags: { state?: string }) => {
      const code = await answer(world, async (): Promise<ExitCode> => {
        const place = await readRackPlace(rackPath, flags, world);
        const path = resolve(world.workingDirectory, file);
        await exportSecrets({ spec: place.rackFile.spec, secrets: secretsAt(place, world), path }, world);
        world.out.write(`${path}\n`);
        return 0;
      });
      end(code);
    });
};
