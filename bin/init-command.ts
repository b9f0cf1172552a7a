import { resolve } from 'node:path';
import { defineFault, type ExitCode } from '../core/fault.ts';
import { readSeenMachines, renderStarter } from '../installer/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { withoutRack } from './collect-machines.ts';
import { stateDirectoryOf } from './state-paths.ts';
import type { World } from './world.ts';

interface InitFlags {
  readonly name: string;
  readonly talos: string;
  readonly kubernetes: string;
  readonly interface?: string;
  readonly state?: string;
}

const rackFileThere = defineFault<{ path: string }>('bin/rack-file-there', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `There is a file ${path} already`,
  state: () => 'It was not touched.',
  remedy: () => 'Give another file name: what is there is never overwritten.',
});

/** `rackwright init`: a commented rack file to begin with, made from the machines that were seen. */
export const addInitCommand: AddCommand = (program, { world, end }) => {
  program
    .command('init')
    .description('Writes a commented rack file to begin with, from the machines that were seen so far.')
    .argument('[rack-file]', 'the file to write; one that is there is never overwritten', 'rack.yaml')
    .option('--name <name>', 'name of the cluster', 'rack-1')
    .option('--talos <version>', 'Talos release', 'v1.13.9')
    .option('--kubernetes <version>', 'Kubernetes release', 'v1.34.1')
    .option('--interface <name>', 'interface of this computer towards the machines')
    .option('--state <directory>', 'where the machines that were seen are kept')
    .action(async (path: string, flags: InitFlags) => {
      end(await answer(world, () => init(path, flags, world)));
    });
};

async function init(path: string, flags: InitFlags, world: World): Promise<ExitCode> {
  const { files, env, workingDirectory, out } = world;
  const file = resolve(workingDirectory, path);
  if ((await files.mode(file)) !== undefined) throw rackFileThere({ path });
  const states =
    flags.state === undefined ? [withoutRack, flags.name].map((rack) => stateDirectoryOf(rack, env)) : [flags.state];
  const machines = await readSeenMachines(
    states.map((state) => resolve(workingDirectory, state)),
    files,
  );
  const text = renderStarter({
    name: flags.name,
    talosVersion: flags.talos,
    kubernetesVersion: flags.kubernetes,
    ...(flags.interface === undefined ? {} : { interfaceName: flags.interface }),
    machines,
  });
  await files.writeAtomically(file, text, 0o644);
  out.write(`${path}: ${machines.length} machines were seen. Fill in what says CHANGE-ME or nothing, then:\n`);
  out.write(`  rackwright up ${path} --dry-run\n`);
  return 0;
}
