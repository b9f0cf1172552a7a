import { z } from 'zod';
import type { Journal } from '../../core/journal.ts';
import { parseMac } from '../../core/mac-address.ts';
import { resolveMachineClass } from '../../core/rack-spec/resolve-classes.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
import { removedFinder } from '../removed-machines.ts';

const chosen = z.object({ class: z.string(), mac: z.string() });

/**
 * The rack file with the machines that its classes had chosen when the last plan was approved: which ones those were no
 * machine can tell any more, since what was chosen by may have changed. A class that is gone takes its machines along.
 * One that was removed while it was silent has left its place to another one; it is recalled only `withRemoved`, for a
 * removal that was interrupted and goes on.
 */
export function recallMachines(
  spec: RackSpec,
  journal: Pick<Journal, 'entries'>,
  { withRemoved }: { readonly withRemoved: boolean },
): RackSpec {
  const findRemoved = removedFinder(journal);
  const settings = journal.entries
    .map(({ record }) => record)
    .findLast((record) => record.type === 'plan.approved')?.settings;
  const recalled = Object.entries(settings ?? {}).flatMap(([path, value]): MachineSpec[] => {
    const name = /^machines\.(.+)\.chosen$/.exec(path)?.[1];
    const memory = name === undefined ? undefined : chosen.safeParse(parseJson(value)).data;
    const mac = memory === undefined ? undefined : parseMac(memory.mac);
    const address = settings?.[`machines.${String(name)}.address`];
    const of = memory === undefined ? undefined : spec.classes?.[memory.class];
    if (name === undefined || memory === undefined || mac === undefined || address === undefined) return [];
    if (of?.selector === undefined || spec.machines.some((machine) => machine.name === name)) return [];
    // By its MAC address: its name may be another machine's by now.
    if (!withRemoved && findRemoved([mac]) !== undefined) return [];
    return [{ ...resolveMachineClass({ name, class: memory.class, mac, address }, of), isChosen: true }];
  });
  return recalled.length === 0 ? spec : { ...spec, machines: [...spec.machines, ...recalled] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
