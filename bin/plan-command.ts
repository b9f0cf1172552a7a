import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import { discoveryTimeout, runPlanInstall } from '../installer/index.ts';
import type { AddCommand } from './cli.ts';
import { onRack, type RackFlags } from './on-rack.ts';
import { collect, parseMinutes } from './parse-options.ts';
import type { World } from './world.ts';

interface PlanFlags extends RackFlags {
  readonly out?: string;
  readonly wait?: Millis;
  readonly override?: readonly string[];
}

/** `rackwright plan install`: what an install would do, shown and kept in a file for `rackwright apply`. */
export const addPlanCommand: AddCommand = (program, { world, typed, end }) => {
  const plan: Command = program.command('plan').description('Shows what would be done, and keeps it in a file.');
  plan
    .command('install')
    .description('Plans the install of a rack; exit code 2 when there is something to do.')
    .argument('<rack-file>', 'what the rack is to become, such as rack.yaml')
    .option(
      '-o, --out <file>',
      'the plan file, YAML or JSON by its name; NAME.plan.json beside the rack file when left out',
    )
    .option('--override <check=reason>', 'go on although CHECK or CHECK@MACHINE fails (repeatable)', collect)
    .option('--wait <minutes>', 'how long machines may take to come up; 30 when left out', parseMinutes)
    .addOption(new Option('--output <format>', 'how to tell what happens').choices(['text', 'json']).default('text'))
    .option('--no-tui', 'plain lines also on a terminal')
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (path: string, flags: PlanFlags) => end(await planInstall(path, flags, typed, world)));
};

const planInstall = (path: string, flags: PlanFlags, command: string, world: World): Promise<ExitCode> =>
  onRack({ path, flags, command, readOnly: true }, world, (options) => {
    const rackFilePath = resolve(world.workingDirectory, path);
    const planFile =
      flags.out === undefined
        ? join(dirname(rackFilePath), `${options.rackFile.spec.name}.plan.json`)
        : resolve(world.workingDirectory, flags.out);
    return runPlanInstall(
      {
        ...options,
        discoveryTimeout: flags.wait ?? discoveryTimeout,
        overrides: flags.override ?? [],
        rackFilePath,
        planFile,
      },
      world,
    );
  });
