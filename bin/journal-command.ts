import { Option } from 'commander';
import { stringify } from 'yaml';
import { Journal, type JournalEntry } from '../core/journal.ts';
import { journalBroken } from '../core/journal-faults.ts';
import { readJournal } from '../core/read-journal.ts';
import { describeRecord, machinesOf, renderTable } from '../ui/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { lookOf, printLines } from './print-lines.ts';
import { readRackPlace } from './read-rack-place.ts';
import type { World } from './world.ts';

interface JournalFlags {
  readonly state?: string;
  readonly output?: 'table' | 'json' | 'yaml';
  readonly machine?: string;
  readonly step?: string;
}

/** `rackwright journal verify|show|compact`: what was approved, started and seen to be done, and whether that is whole. */
export const addJournalCommand: AddCommand = (program, cli) => {
  const { world } = cli;
  const journal = program.command('journal').description('What was approved, started and seen to be done on a rack.');
  const verb = (name: string, description: string) =>
    journal
      .command(name)
      .description(description)
      .argument('<rack-file>', 'the rack file')
      .option('--state <directory>', 'where the journal is kept');
  const output = () =>
    new Option('-o, --output <format>', 'how to show it').choices(['table', 'json', 'yaml']).default('table');

  verb('verify', 'Follows the chain of hashes; names the first line that breaks it.')
    .addOption(output())
    .action(async (path: string, flags: JournalFlags) => cli.end(await verify(path, flags, world)));
  verb('show', 'The entries, oldest first.')
    .option('--machine <name>', 'only what is about this machine')
    .option('--step <id>', 'only what is about this step, such as install/cp-1')
    .addOption(output())
    .action(async (path: string, flags: JournalFlags) => cli.end(await show(path, flags, world)));
  verb('compact', 'Keeps what still counts, and moves the whole text to a file beside it.').action(
    async (path: string, flags: JournalFlags) => cli.end(await compact(path, flags, world)),
  );
};

const journalIn = (stateDirectory: string) => `${stateDirectory}/journal.jsonl`;

async function read(path: string, flags: JournalFlags, world: World) {
  const { stateDirectory } = await readRackPlace(path, flags, world);
  const file = journalIn(stateDirectory);
  return { file, ...readJournal((await world.files.readText(file)) ?? '') };
}

const verify = (path: string, flags: JournalFlags, world: World) =>
  answer(world, async () => {
    const { file, entries, voided, broken, hasTornEnd } = await read(path, flags, world);
    if (broken !== undefined) {
      if (flags.output !== 'table') write(world, flags, { path: file, isWhole: false, ...broken });
      throw journalBroken({ path: file, ...broken });
    }
    const found = {
      path: file,
      isWhole: true,
      entries: entries.length,
      voidedLines: voided,
      hasTornEnd,
      lastHash: entries.at(-1)?.hash,
    };
    if (flags.output !== 'table') write(world, flags, found);
    else {
      const more = [
        ...(voided === 0 ? [] : [`${voided} of a writer that had been superseded count for nothing`]),
        ...(hasTornEnd ? ['half a line at the end, which a crash left, is cut off by the next run'] : []),
      ];
      const last = entries.length === 0 ? 'it is empty' : `the last hash is ${entries.at(-1)?.hash ?? ''}`;
      printLines(world, [`${file} is whole: ${entries.length} entries; ${[last, ...more].join('; ')}`]);
    }
    return 0;
  });

const show = (path: string, flags: JournalFlags, world: World) =>
  answer(world, async () => {
    const { file, entries, broken } = await read(path, flags, world);
    const chosen = entries.filter((entry) => isChosen(entry, flags));
    if (flags.output === 'table') {
      const rows = chosen.map(({ seq, at, record }) => [String(seq), at, describeRecord(record)]);
      printLines(world, renderTable(['ENTRY', 'AT', 'WHAT'], rows, lookOf(world)));
    } else {
      write(world, flags, { apiVersion: 'rackwright.dev/v1alpha1', kind: 'JournalEntryList', items: chosen });
    }
    // What stands before the break is shown, and the break is said.
    if (broken !== undefined) throw journalBroken({ path: file, ...broken });
    return 0;
  });

const compact = (path: string, flags: JournalFlags, world: World) =>
  answer(world, async () => {
    const { stateDirectory } = await readRackPlace(path, flags, world);
    const lock = await world.lock(stateDirectory);
    try {
      const file = journalIn(stateDirectory);
      const journal = await Journal.open(file, { ...world, writer: lock.writer });
      const before = journal.entries.length;
      const archive = await journal.compact(world.files);
      printLines(world, [
        archive === undefined
          ? `All ${before} entries of ${file} still count; it stays as it is.`
          : `${file} has ${journal.entries.length} entries instead of ${before}; the old text is in ${archive}`,
      ]);
      return 0;
    } finally {
      await lock.release();
    }
  });

const isChosen = ({ record }: JournalEntry, { machine, step }: JournalFlags) =>
  (machine === undefined || machinesOf(record).includes(machine)) &&
  (step === undefined || ('step' in record && record.step === step));

function write({ out }: World, { output }: JournalFlags, value: unknown): void {
  out.write(output === 'yaml' ? stringify(value) : `${JSON.stringify(value, undefined, 2)}\n`);
}
