import { Option } from 'commander';
import type { StampedEvent } from '../core/event.ts';
import type { ExitCode } from '../core/fault.ts';
import { chooseFace, createFace } from '../ui/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { followEvents } from './follow-events.ts';
import { leaveOnInterrupt } from './leave-on-interrupt.ts';
import { readRackPlace } from './read-rack-place.ts';
import { eventLogPath } from './record-events.ts';
import type { World } from './world.ts';

interface WatchFlags {
  readonly output: 'text' | 'json';
  readonly tui: boolean;
  readonly state?: string;
}

/** `rackwright watch`: looks on. */
export const addWatchCommand: AddCommand = (program, cli) => {
  const { world } = cli;
  program
    .command('watch')
    .description('Shows the run that is under way on a rack, or the last one; touches nothing.')
    .argument('<rack-file>', 'the rack file of that run')
    .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'))
    .option('--no-tui', 'plain lines also on a terminal')
    .option('--state <directory>', 'where the journal and the sealed keys are kept')
    .action(async (path: string, flags: WatchFlags) => cli.end(await watch(path, flags, world)));
};

/**
 * The run of somebody else as its operator sees it, or the last one when nobody is at work. It only
 * reads, takes no lock, and has no way to touch a machine. Its exit code is that of the run; 130 when left before the end.
 */
const watch = (path: string, flags: WatchFlags, world: World): Promise<ExitCode> =>
  answer(world, async () => {
    const { clock, env, files, out, err, input } = world;
    const { rackFile, stateDirectory } = await readRackPlace(path, flags, world);
    const choice = chooseFace({ isTty: out.isTTY === true, output: flags.output, noTui: !flags.tui, env });
    const face = createFace({ ...choice, out, err, input, clock });
    const leaving = leaveOnInterrupt(world, () => undefined);
    let last: StampedEvent | undefined;
    let command: string | undefined;
    try {
      const isAlive = async () => (await world.writerOf(stateDirectory)) !== undefined;
      const log = eventLogPath(stateDirectory);
      for await (const event of followEvents({ path: log, files, clock, isAlive, signal: leaving.pause })) {
        if (event.type === 'run.started') command = event.command;
        last = event;
        face.show(event);
      }
      if (last?.type === 'run.finished') return last.exitCode;
      if (leaving.pause.aborted) return 130;
      const outcome = last === undefined ? `nothing was run on ${rackFile.spec.name} yet` : 'ended without a word';
      const exitCode = last === undefined ? 0 : 1;
      const next = command === undefined ? {} : { next: command };
      face.show({ type: 'run.finished', outcome, exitCode, ...next, at: clock.now().toISOString() });
      return exitCode;
    } finally {
      leaving.forget();
      await face.close();
    }
  });
