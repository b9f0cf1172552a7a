import { type Board, boardKeyOf, joinBoards } from './board.ts';
import { deriveMachines } from './derive-machines.ts';
import type { MacAddress } from './mac-address.ts';
import type { Machine } from './machine.ts';
import { emptyIndex, getText, setText, type TextIndex } from './text-index.ts';
import { at, emptyVector, put, type Vector } from './vector.ts';

/** What was said of boards, and the machines that it amounts to. */
export interface RackBook {
  readonly boards: Vector<Board>;
  /** Each at the slot of its main board. */
  readonly machines: Vector<Machine>;
  readonly boardsOfMac: TextIndex<readonly number[]>;
  readonly machinesOfMac: TextIndex<readonly number[]>;
  readonly machinesOfUuid: TextIndex<readonly number[]>;
  readonly slots: number;
  readonly size: number;
  /** When the last fact was seen. */
  readonly latest: number;
}

export const emptyBook: RackBook = {
  boards: emptyVector,
  machines: emptyVector,
  boardsOfMac: emptyIndex,
  machinesOfMac: emptyIndex,
  machinesOfUuid: emptyIndex,
  slots: 0,
  size: 0,
  latest: 0,
};

export const boardsAt = ({ boards }: RackBook, slots: Iterable<number>): readonly Board[] =>
  [...slots].flatMap((slot) => at(boards, slot) ?? []);

export const machinesAt = ({ machines }: RackBook, slots: readonly number[] = []): readonly Machine[] =>
  slots.flatMap((slot) => at(machines, slot) ?? []);

/** The slots of the boards that were seen with any of these MAC addresses. */
export const boardsWith = ({ boardsOfMac }: RackBook, macs: Iterable<MacAddress>): readonly number[] => [
  ...new Set([...macs].flatMap((mac) => getText(boardsOfMac, mac) ?? [])),
];

export const replaceBoard = (book: RackBook, board: Board): RackBook => ({
  ...book,
  boards: put(book.boards, board.slot, board),
});

/** Joins what is said with all that was said under the same UUID of any of its cards. */
export function tell(book: RackBook, said: Board): RackBook {
  const same = boardsAt(book, boardsWith(book, said.claims.keys())).filter(({ key }) => key === said.key);
  const joined = same.reduce((all, board) => joinBoards(board, all), said);
  const gone = new Set(same.map(({ slot }) => slot).filter((slot) => slot !== joined.slot));
  let told: RackBook = replaceBoard({ ...book, slots: Math.max(book.slots, joined.slot + 1) }, joined);
  for (const slot of gone) told = setMachine({ ...told, boards: put(told.boards, slot, undefined) }, slot, undefined);
  let { boardsOfMac } = told;
  for (const mac of joined.claims.keys()) {
    const slots = getText(boardsOfMac, mac) ?? [];
    if (slots.includes(joined.slot) && !slots.some((slot) => gone.has(slot))) continue;
    const others = slots.filter((slot) => slot !== joined.slot && !gone.has(slot));
    boardsOfMac = setText(boardsOfMac, mac, [...others, joined.slot]);
  }
  return { ...told, boardsOfMac };
}

/** Works out anew the machines of all boards that hang together with this one. */
export function settle(book: RackBook, said: Board): RackBook {
  const reached = boardsAround(book, said.claims.keys());
  const derived = new Map(deriveMachines(reached).map(({ slot, machine }) => [slot, machine]));
  return reached.reduce((settled, { slot }) => setMachine(settled, slot, derived.get(slot)), book);
}

/** All boards that hang together with these MAC addresses, directly or by others. */
export function boardsAround(book: RackBook, macs: Iterable<MacAddress>): readonly Board[] {
  const reached = new Map<number, Board>();
  const waiting = [...boardsWith(book, macs)];
  for (let slot = waiting.pop(); slot !== undefined; slot = waiting.pop()) {
    const board = reached.has(slot) ? undefined : at(book.boards, slot);
    if (board === undefined) continue;
    reached.set(slot, board);
    waiting.push(...boardsWith(book, board.claims.keys()));
  }
  return [...reached.values()];
}

function setMachine(book: RackBook, slot: number, machine: Machine | undefined): RackBook {
  const before = at(book.machines, slot);
  if (before === undefined && machine === undefined) return book;
  const keysOf = (one: Machine | undefined) =>
    one === undefined ? [] : [boardKeyOf(one.uuid)].filter((key) => key !== '');
  return {
    ...book,
    machines: put(book.machines, slot, machine),
    machinesOfMac: move(book.machinesOfMac, slot, before?.macs ?? [], machine?.macs ?? []),
    machinesOfUuid: move(book.machinesOfUuid, slot, keysOf(before), keysOf(machine)),
    size: book.size - (before === undefined ? 0 : 1) + (machine === undefined ? 0 : 1),
  };
}

/** The index with the slot taken out where only `from` has it, and put in where only `to` has it. */
function move(
  index: TextIndex<readonly number[]>,
  slot: number,
  from: readonly string[],
  to: readonly string[],
): TextIndex<readonly number[]> {
  let moved = index;
  for (const key of from.filter((one) => !to.includes(one))) {
    const others = (getText(moved, key) ?? []).filter((other) => other !== slot);
    moved = setText(moved, key, others.length === 0 ? undefined : others);
  }
  for (const key of to.filter((one) => !from.includes(one))) {
    moved = setText(moved, key, [...(getText(moved, key) ?? []), slot]);
  }
  return moved;
}
