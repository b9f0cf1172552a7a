import type { StampedEvent } from '../core/event.ts';
import { describeEvent } from './describe-event.ts';
import { printable } from './printable.ts';
import type { RunView } from './run-view.ts';
import { renderInstant } from './timestamp.ts';

const wordWidth = 9;

/**
 * The line, with a timestamp in UTC, that this event is worth, without the line break at its end; `undefined` when it
 * is worth none. `before` is the view without the event. A fault and a plan have more lines; those are indented.
 * Never wrapped and never coloured, so that it can be searched and copied.
 */
export function renderPlain(
  event: StampedEvent,
  before: RunView,
  look: { readonly isUtf8: boolean },
): string | undefined {
  const told = describeEvent(event, before);
  if (told === undefined) return undefined;
  const [first, ...more] = told.lines;
  const head = `${renderInstant(event.at)} ${told.word.padEnd(wordWidth)}${printable(first, look)}`;
  const indent = event.type === 'plan.proposed' ? '' : '    ';
  return [head, ...more.map((line) => (indent + printable(line, look)).trimEnd())].join('\n');
}
