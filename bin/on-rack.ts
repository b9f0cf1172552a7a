import { dirname } from 'node:path';
import type { Event, StampedEvent } from '../core/event.ts';
import { defineFault, type ExitCode, faultFrom, viewOf } from '../core/fault.ts';
import type { PlanView } from '../core/plan-view.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { addressesToScan, type RackOptions } from '../installer/index.ts';
import { type Answer, type AskOptions, chooseFace, createFace, createMetrics } from '../ui/index.ts';
import { leaveOnInterrupt } from './leave-on-interrupt.ts';
import type { SearchFlags, ServeFlags } from './rack-flags.ts';
import { readRackPlace } from './read-rack-place.ts';
import { type EventLog, recordEvents } from './record-events.ts';
import { serveMetrics } from './serve-metrics.ts';
import type { World } from './world.ts';

/** The flags of every command that works on a rack. */
export interface RackFlags extends SearchFlags, ServeFlags {
  readonly retry?: readonly string[];
  readonly confirm?: readonly string[];
  readonly output: 'text' | 'json';
  readonly tui: boolean;
  readonly state?: string;
  readonly parallel?: number;
}

const nameUnknown = defineFault<{ option: string; name: string; names: readonly string[] }>('bin/name-unknown', {
  kind: 'operator',
  exitCode: 4,
  title: ({ option, name }) => `${option} ${name}: there is nothing of that name`,
  state: () => 'Nothing was started.',
  remedy: ({ names }) => `There are ${names.join(', ')}.`,
});

export interface RackCommand {
  /** Path of the rack file, as typed; or what finds it, and may throw a fault. */
  readonly path: string | (() => Promise<string>);
  readonly flags: RackFlags;
  /** The command line as typed. */
  readonly command: string;
  readonly readOnly: boolean;
}

/** Asks the operator about a plan that was shown. */
export type Ask = (plan: PlanView, options: AskOptions) => Promise<Answer>;

/**
 * Runs a command on a rack in front of an operator: reads the rack file, takes the lock of its state directory, shows
 * what happens on the face that fits, and turns Ctrl-C into requests to leave.
 */
export async function onRack(
  { path: given, flags, command, readOnly }: RackCommand,
  world: World,
  run: (options: RackOptions, ask: Ask) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { clock, env, files, out, err, input } = world;
  const choice = chooseFace({ isTty: out.isTTY === true, output: flags.output, noTui: !flags.tui, env });
  const face = createFace({ ...choice, out, err, input, clock });
  const metrics = createMetrics();
  const inFlight = new Set<string>();
  const early: StampedEvent[] = [];
  let log: EventLog | undefined;
  const emit = (event: Event) => {
    if (event.type === 'step.started') inFlight.add(event.step);
    if (event.type === 'step.done' || event.type === 'step.failed') inFlight.delete(event.step);
    const stamped = { ...event, at: clock.now().toISOString() };
    face.show(stamped);
    metrics.show(stamped);
    if (log === undefined) early.push(stamped);
    else log.note(stamped);
  };
  const leaving = leaveOnInterrupt(world, () => emit({ type: 'run.interrupted', inFlight: [...inFlight] }));
  const held: { release(): Promise<void> }[] = [];
  let path = typeof given === 'string' ? given : '';
  try {
    if (typeof given !== 'string') path = await given();
    const place = await readRackPlace(path, flags, world);
    const { stateDirectory, identityPath } = place;
    const { spec } = place.rackFile;
    checkNames(flags, spec, world);
    emit({
      type: 'run.started',
      command,
      rack: spec.name,
      machines: spec.machines.map(({ name, role }) => ({ name, role })),
    });
    await files.makeDirectory(stateDirectory, 0o700);
    await files.makeDirectory(dirname(identityPath), 0o700);
    const lock = await world.lock(stateDirectory);
    held.push(lock);
    if (flags.metrics !== undefined) {
      const listener = await serveMetrics(metrics, flags.metrics, world.network);
      held.push({ release: () => listener.close() });
    }
    log = await recordEvents(stateDirectory, files);
    for (const event of early) log.note(event);
    const { pause, stop } = leaving;
    const options: RackOptions = {
      ...place,
      command,
      resumeCommand: withoutRetry(command),
      readOnly,
      ...(flags.parallel === undefined ? {} : { parallel: flags.parallel }),
      ...lookingWith(flags),
      ...(flags.discover === undefined ? {} : { discoverFor: flags.discover }),
      allowInterfaces: flags.allowInterface ?? [],
      writer: lock.writer,
      retry: flags.retry ?? [],
      emit,
      pause,
      stop,
    };
    return await run(options, (plan, asked) => face.askToWrite(plan, asked, pause));
  } catch (thrown) {
    const fault = faultFrom(thrown);
    // Whoever finds somebody else at work is offered to look on.
    const next = fault.code === 'platform/held-by-another' ? { next: `rackwright watch ${path}` } : {};
    const { exitCode } = fault;
    emit({ type: 'run.finished', outcome: 'not started', exitCode, ...next, fault: viewOf(fault) });
    return fault.exitCode;
  } finally {
    leaving.forget();
    await log?.close();
    for (const lock of held) await lock.release();
    await face.close();
  }
}

/** A name that nothing has is a slip of the hand, and would silently allow nothing. */
function checkNames({ confirm = [], allowInterface = [] }: RackFlags, spec: RackSpec, { network }: World): void {
  const isOpenEnded = Object.values(spec.classes ?? {}).some(({ selector }) => selector !== undefined);
  const names = [spec.name, ...spec.machines.map(({ name }) => name)];
  for (const name of confirm)
    if (!isOpenEnded && !names.includes(name)) throw nameUnknown({ option: '--confirm', name, names });
  const links = network.interfaces().map(({ name }) => name);
  for (const name of allowInterface)
    if (!links.includes(name)) throw nameUnknown({ option: '--allow-interface', name, names: links });
}

/** Where machines are looked for; a range that was not named twice is refused before anything starts. */
function lookingWith({ scan = [], confirmScan = [], address = [] }: SearchFlags): Pick<RackOptions, 'looking'> {
  const addresses = addressesToScan({ ranges: scan, confirmed: confirmScan });
  if (addresses.length === 0 && address.length === 0) return {};
  return { looking: { addresses: address, ...(addresses.length === 0 ? {} : { scan: addresses }) } };
}

/** What may be repeated is allowed for one run; the command line to go on with does not allow it again. */
const withoutRetry = (command: string) => command.replaceAll(/ --retry[ =]('[^']*'|\S+)/g, '');
