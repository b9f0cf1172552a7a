import type { StampedEvent } from '../core/event.ts';
import { describeEvent } from './describe-event.ts';
import { wrapText } from './fit-text.ts';
import type { Look } from './look.ts';
import { printable } from './printable.ts';
import type { RunView } from './run-view.ts';
import type { FinishedLine } from './screen.tsx';
import { renderTimeOfDay } from './timestamp.ts';

/**
 * The lines, no wider than `width`, that an event leaves in the history of the terminal; none for what the live part
 * of the screen shows. `before` is the view without the event.
 */
export function renderFinished(
  event: StampedEvent,
  before: RunView,
  { width, ...look }: Look & { readonly width: number },
): Omit<FinishedLine, 'key'>[] {
  const told = describeEvent(event, before);
  if (told === undefined || told.isPassing) return [];
  const head = `${renderTimeOfDay(event.at)} ${told.word.padEnd(9)}`;
  const lines = told.lines.map((line) => printable(line, look));
  // A plan is laid out already, and its columns mean something.
  const laidOut =
    event.type === 'plan.proposed' ? lines : lines.flatMap((line) => wrapText(line, width, ' '.repeat(head.length)));
  return laidOut.map((line, index) => ({
    text: index === 0 ? head + line.trimStart() : line,
    ...(told.tone === undefined ? {} : { tone: told.tone }),
  }));
}
