import { Environment, EvaluationError } from '@marcbachmann/cel-js';
import type { Machine } from '../../core/machine.ts';
import { DiskFacts, diskSchema, factSchema, factsOf, LinkFacts, linkSchema } from './machine-facts.ts';

/** `unknown`: the expression asks for a fact that nobody could read, so that nobody can tell. */
export type Fit =
  | { readonly kind: 'fits' }
  | { readonly kind: 'differs' }
  | { readonly kind: 'unknown'; readonly why: string };

const environment = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 50 } })
  .registerType('Disk', { ctor: DiskFacts, fields: { ...diskSchema } })
  .registerType('Link', { ctor: LinkFacts, fields: { ...linkSchema } })
  .registerVariable({ name: 'machine', schema: { ...factSchema } });

/** What is wrong with a selector, in a sentence; `undefined` when it is a condition over facts that there are. */
export function selectorProblem(selector: string): string | undefined {
  const { valid, type, error } = environment.check(selector);
  if (!valid || error !== undefined) {
    const at = error?.range === undefined ? '' : ` at character ${error.range.start + 1}`;
    return `is no expression that can be judged: ${error?.summary ?? 'unknown error'}${at}; facts of a machine: ${Object.keys(factSchema).join(', ')}`;
  }
  return type === 'bool' ? undefined : `gives a ${String(type)}; allowed: a condition, which gives true or false`;
}

/** Whether a machine is one that a selector means. For a selector without a problem. */
export function fitOf(selector: string, machine: Machine): Fit {
  const { talos } = machine;
  if (talos === undefined) return { kind: 'unknown', why: 'Talos has not been read on it yet' };
  try {
    const answer: unknown = environment.evaluate(selector, { machine: factsOf(machine, talos) });
    return answer === true ? { kind: 'fits' } : { kind: 'differs' };
  } catch (thrown) {
    if (!(thrown instanceof EvaluationError)) throw thrown;
    return { kind: 'unknown', why: thrown.summary };
  }
}
