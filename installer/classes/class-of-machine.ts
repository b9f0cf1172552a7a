import type { Machine } from '../../core/machine.ts';
import type { ClassSpec, RackSpec } from '../../core/rack-spec.ts';
import { fitOf } from './class-selector.ts';

export type ClassVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly name: string }
  /** It fits several, so that nobody can tell what it is to be. */
  | { readonly kind: 'several'; readonly names: readonly string[] }
  /** It may fit this one: a fact is missing. */
  | { readonly kind: 'unknown'; readonly name: string; readonly why: string };

export interface ChoosingClass {
  readonly name: string;
  readonly of: ClassSpec;
  readonly selector: string;
  /** How many machines it still wants. */
  readonly open: number;
}

/** The classes that choose machines, in the order of the rack file. */
export const choosingClasses = ({ classes = {}, machines }: RackSpec): readonly ChoosingClass[] =>
  Object.entries(classes).flatMap(([name, of]) => {
    if (of.selector === undefined) return [];
    const chosen = machines.filter((one) => one.isChosen === true && one.class === name).length;
    return [{ name, of, selector: of.selector, open: (of.count ?? 0) - chosen }];
  });

/** Which class means a machine that no entry of the rack file means; also those that have all of their machines. */
export function classOfMachine(machine: Machine, spec: RackSpec): ClassVerdict {
  const judged = choosingClasses(spec).map(({ name, selector }) => ({ name, fit: fitOf(selector, machine) }));
  const [first, ...more] = judged.filter(({ fit }) => fit.kind === 'fits').map(({ name }) => name);
  if (first !== undefined && more.length > 0) return { kind: 'several', names: [first, ...more] };
  for (const { name, fit } of judged) if (fit.kind === 'unknown') return { kind: 'unknown', name, why: fit.why };
  return first === undefined ? { kind: 'none' } : { kind: 'one', name: first };
}

/** Whether a machine that no entry means may come to be chosen by a class that still wants some. */
export function mayBeChosen(machine: Machine, spec: RackSpec): boolean {
  const open = choosingClasses(spec).filter((one) => one.open > 0);
  if (open.length === 0) return false;
  const verdict = classOfMachine(machine, spec);
  return verdict.kind === 'unknown' || (verdict.kind === 'one' && open.some(({ name }) => name === verdict.name));
}

/** Why a machine that no entry means is not touched. */
export function reasonOfClasses(machine: Machine, spec: RackSpec): string {
  const classes = choosingClasses(spec);
  if (classes.length === 0) return 'it is not in the rack file';
  const verdict = classOfMachine(machine, spec);
  switch (verdict.kind) {
    case 'none':
      return 'it is not in the rack file, and fits no class of it';
    case 'several':
      return `it fits the classes ${verdict.names.join(' and ')}; allowed: one`;
    case 'unknown':
      return `nobody can tell yet whether it is of the class ${verdict.name}: ${verdict.why}`;
    case 'one': {
      const { open = 0, of } = classes.find(({ name }) => name === verdict.name) ?? {};
      return open > 0
        ? `it fits the class ${verdict.name}, which is filled once exactly ${open} machines fit it`
        : `it fits the class ${verdict.name}, which has all of its ${String(of?.count)} machines`;
    }
  }
}
