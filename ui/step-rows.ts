import { type Millis, millis, renderDuration } from '../core/millis.ts';
import { parseTimestamp } from '../core/timestamp.ts';
import type { Look } from './look.ts';
import { printable } from './printable.ts';
import { isActive, type RunView, type StepView } from './run-view.ts';
import type { Row } from './screen-row.ts';
import { stepName } from './step-name.ts';

const elapsedWidth = 7;

/** How many rows the list of steps would like to have: a headline, and two for each step that is waited for. */
export const stepRowsWanted = ({ steps }: RunView): number =>
  steps.length === 0 ? 0 : 1 + 2 * steps.filter(isActive).length;

/**
 * The steps that are waited for, each with its time so far and its reason, in at most `room` rows: two for each, or
 * one where there is not enough room, and then the last row counts those left out. `now` is in milliseconds since 1970.
 */
export function renderStepRows({ steps }: RunView, now: Millis, room: number, look: Look): Row[] {
  if (steps.length === 0 || room < 1) return [];
  const active = steps.filter(isActive);
  const head: Row = [{ text: countSteps(steps) }];
  if (1 + 2 * active.length <= room) return [head, ...active.flatMap((step) => twoRows(step, now, look))];
  if (1 + active.length <= room) return [head, ...active.map((step) => oneRow(step, now, look))];
  const shown = active.slice(0, Math.max(0, room - 2));
  const rest: Row = [
    { text: `${' '.repeat(elapsedWidth)} ${active.length - shown.length} more in progress`, tone: 'quiet' },
  ];
  return [head, ...shown.map((step) => oneRow(step, now, look)), rest].slice(0, room);
}

const twoRows = (step: StepView, now: Millis, look: Look): Row[] => [
  [elapsed(step, now), { text: printable(stepName(step), look) }],
  [{ text: ' '.repeat(elapsedWidth + 3) }, { text: printable(step.reason ?? 'in progress', look), tone: 'quiet' }],
];

const oneRow = (step: StepView, now: Millis, look: Look): Row => [
  elapsed(step, now),
  { text: printable(stepName(step), look) },
  { text: printable(step.reason === undefined ? '' : `: ${step.reason}`, look), tone: 'quiet' },
];

function elapsed({ since }: StepView, now: Millis) {
  const start = since === undefined ? undefined : parseTimestamp(since);
  const span = start === undefined ? '' : renderDuration(millis(now - start));
  return { text: `${span.padStart(elapsedWidth)} `, tone: 'busy' as const };
}

function countSteps(steps: readonly StepView[]): string {
  const of = (status: StepView['status']) => steps.filter((step) => step.status === status).length;
  const bad = [
    [of('failed'), 'failed'],
    [of('held'), 'held'],
  ] as const;
  const parts = bad.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return [`Steps: ${of('done')} of ${steps.length} done`, ...parts].join(', ');
}
