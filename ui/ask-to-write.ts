import type { PlanView } from '../core/plan-view.ts';
import { askLine, type InputStream } from './ask-line.ts';
import { printable } from './printable.ts';
import { count } from './render-plan.ts';
import type { Sink } from './sink.ts';

export type Answer = 'yes' | 'no';

export interface AskOptions {
  /** Each must be typed exactly, because data of that machine would be lost; none when a plain yes is enough. */
  readonly needsTypedNames: readonly string[];
}

/**
 * Asks whether the plan, which has been shown, is to be run; where data would be lost, for the name of one machine after
 * the other. Everything but a clear yes is a no: another name, an empty line, the end of the input, an aborted `signal`,
 * and an input that is not a terminal, where nobody can be asked.
 */
export async function askToWrite(
  plan: PlanView,
  { needsTypedNames }: AskOptions,
  ports: { readonly input: InputStream; readonly sink: Sink },
  signal: AbortSignal,
): Promise<Answer> {
  if (ports.input.isTTY !== true) {
    ports.sink.write(`${refusal(plan, needsTypedNames)}\n`);
    return 'no';
  }
  for (const question of questionsOf(plan, needsTypedNames)) {
    const typed = await askLine(question.text, ports, signal);
    if (typed !== undefined && question.isYes(typed)) continue;
    ports.sink.write(typed === undefined ? '\nNothing was written.\n' : 'Nothing was written.\n');
    return 'no';
  }
  return 'yes';
}

interface Question {
  readonly text: string;
  readonly isYes: (typed: string) => boolean;
}

function questionsOf(plan: PlanView, names: readonly string[]): readonly Question[] {
  if (names.length > 0) {
    return names.map((name) => ({
      text: `This destroys data on ${named(name)}. Type its name to go on: `,
      isYes: (typed) => typed === name,
    }));
  }
  const written = plan.machines.filter((machine) => machine.writes !== undefined).length;
  const what = written === 0 ? 'Run these steps?' : `Write ${count(written, 'disk')} and run these steps?`;
  return [{ text: `${what} [y/N] `, isYes: (typed) => /^\s*y(es)?\s*$/i.test(typed) }];
}

const refusal = ({ rack }: PlanView, names: readonly string[]): string =>
  names.length === 0
    ? 'Nothing was written: this needs a yes, and standard input is not a terminal. Add --yes to run this plan.'
    : `Nothing was written: data of ${names.map(named).join(', ')} would be lost, and standard input is not a terminal. Add --yes and ${names.length === 1 ? `--confirm ${named(names[0] ?? rack)}` : `--confirm ${named(rack)}`} to run this plan.`;

const named = (name: string): string => printable(name, { isUtf8: false });
