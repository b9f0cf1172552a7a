import { defineFault } from '../../core/fault.ts';
import { Journal } from '../../core/journal.ts';
import { type Millis, millis, minutes, renderDuration, seconds } from '../../core/millis.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { openRack, type RackOptions, type RackPorts } from '../open-rack.ts';
import type { RackFile } from '../parse-rack-file.ts';
import { chooseMachines } from './choose-machines.ts';
import { choosingClasses } from './class-of-machine.ts';
import { recallMachines } from './recall-machines.ts';

const classUnfilled = defineFault<{ name: string; why: string }>('installer/class-unfilled', {
  kind: 'environment',
  exitCode: 6,
  title: ({ name, why }) => `The class ${name} has not got its machines: ${why}`,
  state: () => 'Nothing was written on any machine.',
  remedy: () =>
    'Power machines of it on, or change its selector, count or settleMinutes; then run the same command again, with a longer --wait if machines are still coming up.',
});

const pollEvery: Millis = seconds(2);
/** Machines of a rack that is switched on at once come up within such a span of each other: the firmware of a large server takes 5 to 10 minutes. */
const usualSettleMinutes = 10;

/**
 * The rack file with the machines that its classes choose: first those that an approved plan had, then, for as long as
 * `timeout` allows, those that come up, as soon as nothing was seen of another one for the time that the classes settle.
 * Without a timeout nobody is waited for, and those that were removed while they were silent are there, too. `interrupted`
 * when the operator left. Faults `installer/class-unfilled`, and those of `openRack`.
 */
export async function completeRackFile(
  options: RackOptions,
  ports: RackPorts,
  timeout?: Millis,
): Promise<RackFile | 'interrupted'> {
  const { rackFile, stateDirectory, emit, pause } = options;
  const { clock, files } = ports;
  if (choosingClasses(rackFile.spec).length === 0) return rackFile;
  const path = `${stateDirectory}/journal.jsonl`;
  const journal = await Journal.open(path, { files, clock, readOnly: true, writer: options.writer });
  const recalled = recallMachines(rackFile.spec, journal, { withRemoved: timeout === undefined });
  const isFull = choosingClasses(recalled).every(({ open }) => open <= 0);
  if (isFull || timeout === undefined) return { ...rackFile, spec: recalled };

  const open = await openRack({ ...options, rackFile: { ...rackFile, spec: recalled } }, ports);
  const leave = await open.serve();
  const said = new Map<string, string>();
  const deadline = clock.monotonic() + timeout;
  const settles = choosingClasses(recalled).map(({ of, open: wants }) =>
    wants > 0 ? (of.settleMinutes ?? usualSettleMinutes) : 0,
  );
  const settleSpan = minutes(Math.max(...settles));
  let last: { readonly machines: string; readonly since: number } | undefined;
  try {
    for (;;) {
      if (pause.aborted) return 'interrupted';
      const rack = open.watch.rack();
      const { spec, waiting } = chooseMachines(recalled, rack, clock.now().getTime());
      const [first] = waiting;
      const now = clock.monotonic();
      // Also a sign of one that fits no class, or that nobody knows yet: the rack is still coming up.
      const signs = [...rack.machines.values()].filter(({ boot, talos }) => boot !== undefined || talos !== undefined);
      const machines = JSON.stringify([spec.machines, signs.map(({ id }) => id).toSorted()]);
      if (first !== undefined) last = undefined;
      else if (last?.machines !== machines) last = { machines, since: now };
      else if (now - last.since >= settleSpan) return { ...rackFile, spec };
      const settling = new Map(
        first === undefined
          ? chosenIn(spec, recalled).map(([name, count]) => [
              name,
              `${count} machines fit it; they are chosen when no other one comes up within ${renderDuration(settleSpan)}`,
            ])
          : [],
      );
      for (const [name, reason] of [...waiting, ...settling]) {
        if (said.get(name) === reason) continue;
        said.set(name, reason);
        emit({ type: 'step.waiting', step: `choose/${name}`, title: `Find the machines of the class ${name}`, reason });
      }
      const left = deadline - clock.monotonic();
      const [unfilled] = [...waiting, ...settling];
      if (left <= 0 && unfilled !== undefined) throw classUnfilled({ name: unfilled[0], why: unfilled[1] });
      await clock.sleep(millis(Math.max(0, Math.min(left, pollEvery))), pause);
    }
  } finally {
    await leave();
    await open.close();
  }
}

/** By class: how many machines it would get now. */
function chosenIn(spec: RackSpec, before: RackSpec): readonly (readonly [string, number])[] {
  const fresh = spec.machines.slice(before.machines.length);
  return choosingClasses(before).flatMap(({ name, open }) =>
    open > 0 ? [[name, fresh.filter((one) => one.class === name).length] as const] : [],
  );
}
