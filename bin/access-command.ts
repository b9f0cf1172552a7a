import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import {
  accessFilesOf,
  type ClusterSecrets,
  clusterSecrets,
  ensureOwnClock,
  type TalosRole,
  talosRoles,
  writeKubeconfig,
  writeTalosconfig,
} from '../installer/index.ts';
import { answer } from './answer.ts';
import type { AddCommand, Cli } from './cli.ts';
import { type RackPlace, readRackPlace } from './read-rack-place.ts';
import type { World } from './world.ts';

interface AccessFlags {
  readonly state?: string;
  readonly file?: string;
  readonly days: number;
  readonly despiteClock: boolean;
}

/** `rackwright talosconfig` and `rackwright kubeconfig`: new keys for people, made without asking a machine. */
export const addAccessCommands: AddCommand = (program, cli) => {
  accessCommand(program, 'talosconfig', 'Mints a client of the Talos API and puts it into a talosconfig, offline.')
    .addOption(
      new Option('--role <role>', 'what the client may do (repeatable)').choices(talosRoles).argParser(collectRole),
    )
    .action((path: string, flags: AccessFlags & { role?: readonly TalosRole[] }) =>
      run(cli, path, flags, 'talosconfig', async (job) => {
        const context = await writeTalosconfig({ ...job, roles: flags.role ?? ['os:admin'] }, cli.world);
        return `${job.path} (context ${context})`;
      }),
    );
  accessCommand(program, 'kubeconfig', 'Mints an admin of Kubernetes and writes a kubeconfig, offline.').action(
    (path: string, flags: AccessFlags) =>
      run(cli, path, flags, 'kubeconfig', async (job) => {
        await writeKubeconfig(job, cli.world);
        return job.path;
      }),
  );
};

const accessCommand = (program: Command, name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .argument('<rack-file>', 'the rack file of the cluster')
    .option('--file <path>', `where to; <rack>.${name} beside the rack file when left out`)
    .option('--days <count>', 'how long it is good', parseDays, 365)
    .option('--despite-clock', 'mint although the clock of this computer is not synchronised', false)
    .option('--state <directory>', 'where the journal and the sealed keys are kept');

interface AccessJob {
  readonly spec: RackPlace['rackFile']['spec'];
  readonly secrets: ClusterSecrets;
  readonly path: string;
  readonly hours: number;
}

async function run(
  { world, end }: Cli,
  rackPath: string,
  flags: AccessFlags,
  what: 'talosconfig' | 'kubeconfig',
  write: (job: AccessJob) => Promise<string>,
): Promise<void> {
  const code = await answer(world, async (): Promise<ExitCode> => {
    const place = await readRackPlace(rackPath, flags, world);
    const { spec } = place.rackFile;
    const path =
      flags.file === undefined
        ? accessFilesOf(spec, place.directory)[what]
        : resolve(world.workingDirectory, flags.file);
    if (!flags.despiteClock) await ensureOwnClock(world.host);
    const written = await write({ spec, secrets: secretsAt(place, world), path, hours: flags.days * 24 });
    world.out.write(`${written}\n`);
    return 0;
  });
  end(code);
}

/** The sealed keys of a rack. */
export const secretsAt = ({ stateDirectory, identityPath }: RackPlace, world: World): ClusterSecrets =>
  clusterSecrets({ path: `${stateDirectory}/secrets.age`, identityPath, ...world });

function parseDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 3650) throw new InvalidArgumentError('must be 1 to 3650 days');
  return days;
}

function collectRole(text: string, roles: readonly TalosRole[] = []): readonly TalosRole[] {
  const role = talosRoles.find((one) => one === text);
  if (role === undefined) throw new InvalidArgumentError(`allowed are ${talosRoles.join(', ')}`);
  return [...roles, role];
}
