import type { PlanView } from '../core/plan-view.ts';
import { askLine, type InputStream } from './ask-line.ts';
import { printable } from './printable.ts';
import { count, machinesWithLoss } from './render-plan.ts';
import type { Sink } from './sink.ts';

export type Answer = 'yes' | 'no';

export interface AskOptions {
  /** Must be typed exactly, because data would be lost; `undefined` when a plain yes is enough. */
  readonly needsTypedName: string | undefined;
}

/**
 * Asks whether the plan, which has been shown, is to be run. Everything but a clear yes is a no: another name, an empty
 * line, the end of the input, an aborted `signal`, and an input that is not a terminal, where nobody can be asked.
 */
export async function askToWrite(
  plan: PlanView,
  { needsTypedName }: AskOptions,
  ports: { readonly input: InputStream; readonly sink: Sink },
  signal: AbortSignal,
): Promise<Answer> {
  if (ports.input.isTTY !== true) {
    ports.sink.write(`${refusal(needsTypedName)}\n`);
    return 'no';
  }
  const typed = await askLine(questionOf(plan, needsTypedName), ports, signal);
  const isYes = needsTypedName === undefined ? /^\s*y(es)?\s*$/i.test(typed ?? '') : typed === needsTypedName;
  if (!isYes) ports.sink.write(typed === undefined ? '\nNothing was written.\n' : 'Nothing was written.\n');
  return isYes ? 'yes' : 'no';
}

function questionOf(plan: PlanView, needsTypedName: string | undefined): string {
  if (needsTypedName !== undefined) {
    return `This destroys data (${count(machinesWithLoss(plan).length, 'disk')}). Type ${named(needsTypedName)} to go on: `;
  }
  const written = plan.machines.filter((machine) => machine.writes !== undefined).length;
  return written === 0 ? 'Run these steps? [y/N] ' : `Write ${count(written, 'disk')} and run these steps? [y/N] `;
}

const refusal = (needsTypedName: string | undefined): string =>
  needsTypedName === undefined
    ? 'Nothing was written: this needs a yes, and standard input is not a terminal. Add --yes to run this plan.'
    : `Nothing was written: data would be lost, and standard input is not a terminal. Add --yes --confirm ${named(needsTypedName)} to run this plan.`;

const named = (name: string): string => printable(name, { isUtf8: false });
