import type { PlanView } from '../core/plan-view.ts';
import type { Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { foundOn } from './approve-plan.ts';
import { resolveDisk } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';

/** By machine and fact, in words: what a plan rests on. Anything else there would make it another plan. */
export type PlanFacts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What is seen of each machine of the rack file now. Pure. */
export function factsOf(spec: RackSpec, rack: Rack): PlanFacts {
  return Object.fromEntries(
    spec.machines.map((entry): readonly [string, Readonly<Record<string, string>>] => {
      const resolution = resolveMachine(entry, spec, rack);
      if (resolution.kind !== 'found') return [entry.name, { machine: resolution.kind }];
      const { macs, uuid, talos } = resolution.machine;
      const identity = { uuid: uuid ?? 'none', macs: macs.toSorted().join(' ') };
      if (talos === undefined) return [entry.name, { ...identity, mode: 'silent' }];
      if (talos.mode === 'configured') return [entry.name, { ...identity, mode: talos.mode }];
      const choice = resolveDisk(entry.disk, talos.disks);
      const disk =
        choice.kind === 'one' ? { disk: choice.id, 'on the disk': foundOn(choice.disk) } : { disk: choice.kind };
      return [entry.name, { ...identity, mode: talos.mode, certificate: talos.fingerprint ?? 'none', ...disk }];
    }),
  );
}

/** By machine: whether a plan writes its disk. A check that stood in the way may not any more, and another one may. Pure. */
export const writesIn = ({ machines }: Pick<PlanView, 'machines'>): PlanFacts =>
  Object.fromEntries(
    machines.map(({ name, writes }) => [name, { 'its disk': writes === undefined ? 'left alone' : 'to be written' }]),
  );

/** One sentence for each fact that is not as it was: `cp-1: disk was serial A and is serial B`. */
export function changedFacts(before: PlanFacts, now: PlanFacts): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((name) => {
    const [then, today] = [before[name] ?? {}, now[name] ?? {}];
    return [...new Set([...Object.keys(then), ...Object.keys(today)])]
      .filter((fact) => then[fact] !== today[fact])
      .map((fact) => `${name}: ${fact} was ${then[fact] ?? 'not there'} and is ${today[fact] ?? 'not there'}`);
  });
}
