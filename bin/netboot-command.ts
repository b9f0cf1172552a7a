import { defineFault, type ExitCode } from '../core/fault.ts';
import { Journal } from '../core/journal.ts';
import { installStepId, removedMachines, whyRemoved } from '../installer/index.ts';
import { NetbootOnce } from '../pxe/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { printLines } from './print-lines.ts';
import { readRackPlace } from './read-rack-place.ts';
import type { World } from './world.ts';

const machineUnknown = defineFault<{ machine: string; known: readonly string[] }>('bin/netboot-machine-unknown', {
  kind: 'operator',
  exitCode: 4,
  title: ({ machine }) => `The rack file has no machine ${machine}`,
  state: () => 'Nothing was changed.',
  remedy: ({ known }) => `It has ${known.join(', ')}.`,
});

const machineRemoved = defineFault<{ machine: string; why: string }>('bin/netboot-machine-removed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ machine, why }) => `${machine} gets nothing to boot: ${why}`,
  state: () => 'Nothing was changed.',
  remedy: () => 'Do that first.',
});

/** `rackwright netboot once`: one boot of an installed machine from the network. */
export const addNetbootCommand: AddCommand = (program, { world, end }) => {
  program
    .command('netboot')
    .description('What installed machines boot.')
    .command('once')
    .description('Lets an installed machine boot Talos from the network one time, and its disk after that.')
    .argument('<rack-file>', 'the rack file')
    .argument('<machine>', 'its name in the rack file')
    .option('--dry-run', 'say what would change; exit code 2 when something would')
    .option('--state <directory>', 'where the journal is kept')
    .action(async (path: string, machine: string, flags: { dryRun?: boolean; state?: string }) => {
      end(await answer(world, () => netbootOnce(path, machine, flags, world)));
    });
};

async function netbootOnce(
  path: string,
  machine: string,
  flags: { dryRun?: boolean; state?: string },
  world: World,
): Promise<ExitCode> {
  const { rackFile, stateDirectory } = await readRackPlace(path, flags, world);
  const known = rackFile.spec.machines.map(({ name }) => name);
  if (!known.includes(machine)) throw machineUnknown({ machine, known });
  await world.files.makeDirectory(stateDirectory, 0o700);
  const lock = await world.lock(stateDirectory);
  try {
    const journal = await Journal.open(`${stateDirectory}/journal.jsonl`, {
      ...world,
      writer: lock.writer,
      readOnly: flags.dryRun === true,
    });
    if (!journal.pastOf(installStepId(machine)).confirmed) {
      const removed = removedMachines(journal.entries).find(({ name }) => name === machine);
      if (removed !== undefined) throw machineRemoved({ machine, why: whyRemoved(removed) });
      printLines(world, [
        `${machine} is not installed: it boots Talos from the network in any case. Nothing was changed.`,
      ]);
      return 0;
    }
    const once = new NetbootOnce(journal);
    if (once.isAsked(machine)) {
      printLines(world, [`${machine} is to boot from the network already, and has not yet.`]);
      return 0;
    }
    if (flags.dryRun !== true) await once.ask(machine);
    printLines(world, [
      `${machine} boots Talos from the network the next time that it asks, then from its disk again. Nothing is wiped.`,
    ]);
    return flags.dryRun === true ? 2 : 0;
  } finally {
    await lock.release();
  }
}
