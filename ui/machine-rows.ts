import { explainStall } from '../core/explain-stall.ts';
import type { Millis } from '../core/millis.ts';
import { fitText } from './fit-text.ts';
import type { Look } from './look.ts';
import { type MachineState, stateOf, urgencyOf } from './machine-state.ts';
import { printable } from './printable.ts';
import type { MachineView, RunView, StrangerView } from './run-view.ts';
import type { Row } from './screen-row.ts';

const widths = { role: 13, state: 14, address: 16 };
const longestName = 20;

/** How many rows the table of machines would like to have. */
export const machineRowsWanted = ({ machines, strangers }: RunView): number => 1 + machines.length + strangers.length;

/**
 * The table of machines in at most `room` rows. Where there is no room for all, those that need somebody's attention
 * stay, in the order of the rack file, and the last row counts the others. `now` is in milliseconds since 1970.
 */
export function renderMachineRows(view: RunView, now: Millis, room: number, look: Look): Row[] {
  const width = Math.min(longestName, Math.max(8, ...view.machines.map((machine) => machine.name.length))) + 1;
  const cell = (text: string, columns: number) => fitText(printable(text, look), columns - 1, look) + ' ';
  const states = view.machines.map((machine) => ({ machine, state: stateOf(machine, view) }));
  const strangers = view.strangers.slice(0, Math.max(0, room - 1 - states.length, Math.min(2, room - 3)));
  const shown = chooseMachines(
    states,
    room - 1 - strangers.length - (strangers.length < view.strangers.length ? 1 : 0),
  );
  const more = states.length - shown.length;
  const moreStrangers = view.strangers.length - strangers.length;
  const left = [
    more > 0 ? [`${more} more: ${countStates(states.filter((one) => !shown.includes(one)))}`] : [],
    moreStrangers > 0 ? [`${moreStrangers} more not in the rack file`] : [],
  ].flat();

  return [
    [
      {
        text: `  ${cell('MACHINE', width)}${cell('ROLE', widths.role)}${cell('STATE', widths.state)}${cell('ADDRESS', widths.address)}`,
        tone: 'quiet' as const,
      },
    ],
    ...shown.map(
      ({ machine, state }): Row => [
        { text: `${look.isUtf8 ? state.glyph : state.ascii} `, tone: state.tone },
        { text: cell(machine.name, width) + cell(machine.role, widths.role) },
        { text: cell(state.word, widths.state), tone: state.tone },
        { text: cell(machine.address ?? '', widths.address) },
        { text: printable(progressOf(machine, view, now), look), tone: 'quiet' },
      ],
    ),
    ...strangers.map((stranger): Row => [{ text: printable(strangerText(stranger), look), tone: 'bad' }]),
    ...(left.length === 0 ? [] : [[{ text: `  ${left.join('; ')}`, tone: 'quiet' as const }]]),
  ].slice(0, Math.max(0, room));
}

interface Shown {
  readonly machine: MachineView;
  readonly state: MachineState;
}

function chooseMachines(states: readonly Shown[], room: number): readonly Shown[] {
  if (states.length <= room) return states;
  const urgent = [...states].sort((one, other) => urgencyOf(one.state) - urgencyOf(other.state));
  const kept = new Set(urgent.slice(0, Math.max(0, room - 1)));
  return states.filter((one) => kept.has(one));
}

function countStates(states: readonly Shown[]): string {
  const words = [...new Set(states.map(({ state }) => state.word))];
  return words.map((word) => `${states.filter(({ state }) => state.word === word).length} ${word}`).join(', ');
}

/** Until it has steps, how far its firmware has come is its progress, and why it does not go on. */
function progressOf(machine: MachineView, { steps, boots }: RunView, now: Millis): string {
  const own = steps.filter((step) => step.machine === machine.name);
  if (own.length === 0) {
    if (machine.boot === undefined) return '';
    const timeline = boots.get(machine.boot.mac);
    const stall = timeline === undefined ? undefined : explainStall(timeline, now);
    return stall?.cause ?? timeline?.moments.at(-1)?.says ?? `${machine.boot.firmware}: ${machine.boot.decision}`;
  }
  return `${own.filter((step) => step.status === 'done').length}/${own.length} steps`;
}

const strangerText = ({ mac, address, firmware, reason }: StrangerView): string =>
  `= ${[mac, address, firmware].filter((part) => part !== undefined).join(' ')}: ${reason}`;
