import { type ExitCode, faultFrom } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import type { Plan } from '../core/step.ts';
import { beginRun } from './begin-run.ts';
import { completeRackFile } from './classes/complete-rack-file.ts';
import { type OpenRack, openRack, type RackOptions, type RackPorts } from './open-rack.ts';
import { describeOutcome, describeStop, type RunOutcome } from './run-outcome.ts';

/** What one command does with a rack. */
export interface RackJob {
  /** The steps that it may come to run: `--retry` may name those of them that are `once`. */
  readonly steps: (rack: OpenRack) => Promise<Plan>;
  /** Machines that boot are served while this runs. */
  readonly work: (rack: OpenRack) => Promise<RunOutcome>;
}

/**
 * Runs a command on a rack: completes the rack file by what its classes choose, opens the rack, says so in the journal,
 * serves boots, works, and leaves everything closed. `jobOf` is given the options with the complete rack file;
 * `chooseWithin` is how long machines may take to come up that classes choose, absent: only those that were chosen
 * before. Never throws: how it ended is the event `run.finished` and the exit code.
 */
export async function runOnRack<Options extends RackOptions>(
  options: Options,
  ports: RackPorts,
  jobOf: (options: Options) => RackJob,
  chooseWithin?: Millis,
): Promise<ExitCode> {
  const work = async (): Promise<RunOutcome> => {
    const rackFile = await completeRackFile(options, ports, chooseWithin);
    if (rackFile === 'interrupted') return { kind: 'interrupted' };
    const complete = { ...options, rackFile };
    return workOn(complete, ports, jobOf(complete));
  };
  const last = await work().then(
    (outcome) => describeOutcome(outcome, options.resumeCommand),
    (thrown: unknown) => describeStop(faultFrom(thrown)),
  );
  options.emit(last);
  return last.exitCode;
}

async function workOn(options: RackOptions, ports: RackPorts, { steps, work }: RackJob): Promise<RunOutcome> {
  const rack = await openRack(options, ports);
  await beginRun(rack, await steps(rack));
  const leave = await rack.serve();
  try {
    const outcome = await work(rack);
    await rack.journal.append({ type: 'run.ended', outcome: outcome.kind });
    return outcome;
  } finally {
    await leave();
    await rack.close();
  }
}
