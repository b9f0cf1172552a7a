import { resolve } from 'node:path';
import { Option } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import { discoveryTimeout, type PlanFile, parsePlanFile, planMissing, runApply } from '../installer/index.ts';
import type { AddCommand } from './cli.ts';
import { onRack, type RackFlags } from './on-rack.ts';
import { collect, parseMinutes } from './parse-options.ts';
import type { World } from './world.ts';

interface ApplyFlags extends RackFlags {
  readonly yes: boolean;
  readonly confirm?: readonly string[];
  readonly wait?: Millis;
}

/** `rackwright apply`: runs a plan file of `rackwright plan install`, if nothing has changed since. */
export const addApplyCommand: AddCommand = (program, { world, typed, end }) => {
  program
    .command('apply')
    .description('Runs a plan file, if everything that it rests on is as it was.')
    .argument('<plan-file>', 'what rackwright plan install has written')
    .option('-y, --yes', 'do not ask before disks are written; never stands for the loss of data', false)
    .option('--confirm <name>', 'a machine whose data may be lost, or the rack for all (repeatable)', collect)
    .option('--retry <step>', 'let a step start again that may have worked before (repeatable)', collect)
    .option('--wait <minutes>', 'how long machines may take to come up; 30 when left out', parseMinutes)
    .addOption(
      new Option('-o, --output <format>', 'how to tell what happens').choices(['text', 'json']).default('text'),
    )
    .option('--no-tui', 'plain lines also on a terminal')
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (path: string, flags: ApplyFlags) => end(await apply(path, flags, typed, world)));
};

async function apply(planFile: string, flags: ApplyFlags, command: string, world: World): Promise<ExitCode> {
  let file: PlanFile | undefined;
  const rackFileOf = async () => {
    const text = await world.files.readText(resolve(world.workingDirectory, planFile));
    if (text === undefined) throw planMissing({ path: planFile });
    file = await parsePlanFile(planFile, text);
    return file.rackFile.path;
  };
  return onRack({ path: rackFileOf, flags, command, readOnly: false }, world, (options, ask) => {
    if (file === undefined) throw new Error('the plan file is read before the rack is opened');
    return runApply(
      {
        ...options,
        approval: { yes: flags.yes, confirm: flags.confirm ?? [], ask },
        discoveryTimeout: flags.wait ?? discoveryTimeout,
        file,
        planFile,
      },
      world,
    );
  });
}
