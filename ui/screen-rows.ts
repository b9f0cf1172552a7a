import { type Millis, millis, renderDuration } from '../core/millis.ts';
import { parseTimestamp } from '../core/timestamp.ts';
import type { Look } from './look.ts';
import { machineRowsWanted, renderMachineRows } from './machine-rows.ts';
import { printable } from './printable.ts';
import { renderBytes } from './render-bytes.ts';
import type { RunView } from './run-view.ts';
import { cutRow, type Row } from './screen-row.ts';
import { renderStepRows, stepRowsWanted } from './step-rows.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Rows that steps keep when machines want the whole screen. */
const leastStepRows = 7;

/**
 * The live part of the screen: what runs and for how long, who serves boots, the machines, and the steps in progress.
 * One column and two rows stay free, because terminals differ in what they do after the last ones. `now` is in
 * milliseconds since 1970.
 */
export function renderScreenRows(view: RunView, now: Millis, size: ScreenSize, look: Look): Row[] {
  const head = headRows(view, now, look);
  const gap: Row = [];
  const room = size.rows - 2 - head.length - 2;
  const wanted = { machines: machineRowsWanted(view), steps: stepRowsWanted(view) };
  const stepRoom = Math.min(wanted.steps, Math.max(room - wanted.machines, Math.min(leastStepRows, room)));
  const rows = [
    ...head,
    gap,
    ...renderMachineRows(view, now, room - stepRoom, look),
    gap,
    ...renderStepRows(view, now, stepRoom, look),
  ];
  const fitted = rows.slice(0, Math.max(1, size.rows - 2)).map((row) => cutRow(row, size.columns - 1, look));
  return fitted.at(-1)?.length === 0 ? fitted.slice(0, -1) : fitted;
}

function headRows(view: RunView, now: Millis, look: Look): Row[] {
  const start = view.startedAt === undefined ? undefined : parseTimestamp(view.startedAt);
  const span = start === undefined ? '' : `  ${renderDuration(millis(now - start))}`;
  const rows: Row[] = [
    [{ text: printable(view.rack, look), tone: 'loud' }, { text: span }, { text: endOf(view, look) }],
  ];
  const { listening, transfer, drops } = view;
  const dropped = drops.values().reduce((sum, number) => sum + number, 0);
  const boots = [
    listening === undefined ? [] : [`boots on ${listening.interface} (${listening.address})`],
    transfer === undefined
      ? []
      : [
          `last file ${transfer.file} to ${transfer.address}, ${renderBytes(transfer.bytes)}${transfer.complete ? '' : ' (broken off)'}`,
        ],
    dropped === 0 ? [] : [`${dropped} packets dropped`],
  ].flat();
  if (boots.length > 0) rows.push([{ text: printable(boots.join('; '), look), tone: 'quiet' }]);
  return rows;
}

function endOf({ outcome, interrupted }: RunView, look: Look): string {
  if (outcome !== undefined) return `  ${printable(outcome.text, look)}`;
  if (interrupted !== undefined) return `  leaving: waiting for ${interrupted.length} in flight`;
  return '';
}
