import { dirname, resolve } from 'node:path';
import type { Event } from '../core/event.ts';
import { type ExitCode, faultFrom, viewOf } from '../core/fault.ts';
import type { Millis } from '../core/millis.ts';
import { discoveryTimeout, parseRackFile, rackFileMissing, runUp } from '../installer/index.ts';
import { chooseFace, createFace } from '../ui/index.ts';
import { leaveOnInterrupt } from './leave-on-interrupt.ts';
import { identityPathOf, stateDirectoryOf } from './state-paths.ts';
import type { World } from './world.ts';

export interface UpFlags {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly confirm?: string;
  readonly retry?: readonly string[];
  readonly wait?: Millis;
  readonly output: 'text' | 'json';
  readonly tui: boolean;
  readonly state?: string;
}

/** `rackwright up`: reads the rack file, takes the lock, shows what happens, and gives the exit code. */
export async function upCommand(path: string, flags: UpFlags, command: string, world: World): Promise<ExitCode> {
  const { clock, env, files, out, err, input } = world;
  const choice = chooseFace({ isTty: out.isTTY === true, output: flags.output, noTui: !flags.tui, env });
  const face = createFace({ ...choice, out, err, input, clock });
  const inFlight = new Set<string>();
  const emit = (event: Event) => {
    if (event.type === 'step.started') inFlight.add(event.step);
    if (event.type === 'step.done' || event.type === 'step.failed') inFlight.delete(event.step);
    face.show({ ...event, at: clock.now().toISOString() });
  };
  const leaving = leaveOnInterrupt(world, () => emit({ type: 'run.interrupted', inFlight: [...inFlight] }));
  const held: { release(): Promise<void> }[] = [];
  try {
    const file = resolve(world.workingDirectory, path);
    const text = await files.readText(file);
    if (text === undefined) throw rackFileMissing({ file: path });
    const rackFile = parseRackFile(path, text);
    const { spec } = rackFile;
    emit({
      type: 'run.started',
      command,
      rack: spec.name,
      machines: spec.machines.map(({ name, role }) => ({ name, role })),
    });
    const stateDirectory = resolve(world.workingDirectory, flags.state ?? stateDirectoryOf(spec.name, env));
    const identityPath = identityPathOf(env);
    await files.makeDirectory(stateDirectory, 0o700);
    await files.makeDirectory(dirname(identityPath), 0o700);
    held.push(await world.lock(stateDirectory));
    return await runUp(
      {
        rackFile,
        directory: dirname(file),
        stateDirectory,
        identityPath,
        command,
        resumeCommand: withoutRetry(command),
        dryRun: flags.dryRun,
        approval: {
          yes: flags.yes,
          confirm: flags.confirm,
          ask: (plan, needsTypedName) => face.askToWrite(plan, { needsTypedName }, leaving.pause),
        },
        retry: flags.retry ?? [],
        discoveryTimeout: flags.wait ?? discoveryTimeout,
        emit,
        pause: leaving.pause,
        stop: leaving.stop,
      },
      world,
    );
  } catch (thrown) {
    const fault = faultFrom(thrown);
    emit({ type: 'run.finished', outcome: 'not started', exitCode: fault.exitCode, fault: viewOf(fault) });
    return fault.exitCode;
  } finally {
    leaving.forget();
    for (const lock of held) await lock.release();
    await face.close();
  }
}

/** What may be repeated is allowed for one run; the command line to go on with does not allow it again. */
const withoutRetry = (command: string) => command.replaceAll(/ --retry[ =]('[^']*'|\S+)/g, '');
