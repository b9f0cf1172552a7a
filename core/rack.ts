import { type Board, boardKeyOf } from './board.ts';
import type { MacAddress } from './mac-address.ts';
import { type BootSighting, identityMacs, type Machine, type MachineId, type TalosObservation } from './machine.ts';
import { MachineMap } from './machine-map.ts';
import {
  boardsAround,
  boardsAt,
  boardsWith,
  emptyBook,
  machinesAt,
  type RackBook,
  replaceBoard,
  settle,
  tell,
} from './rack-book.ts';
import { getText } from './text-index.ts';

/**
 * A thing that was seen. Facts are the only way in which the boot loop and the plan loop meet. `at`: milliseconds since
 * 1970; when left out, a moment after all that was seen before.
 */
export type Fact = { readonly at?: number } & (
  | { readonly kind: 'boot'; readonly mac: MacAddress; readonly uuid?: string; readonly boot: BootSighting }
  | { readonly kind: 'address'; readonly mac: MacAddress; readonly address: string; readonly uuid?: string }
  | { readonly kind: 'talos'; readonly observation: TalosObservation }
  | { readonly kind: 'silent'; readonly id: MachineId }
  /** What an earlier run knew of a machine: good for its identity, never for its state now. */
  | { readonly kind: 'known'; readonly machine: KnownMachine }
);

export type KnownMachine = Pick<Machine, 'macs' | 'uuid' | 'address' | 'boot' | 'lastReading'> & {
  readonly firstSeen: number;
  readonly lastSeen: number;
};

/** All machines seen so far. Immutable: a new fact gives a new rack, in a time that hardly depends on their number. */
export interface Rack {
  readonly machines: ReadonlyMap<MachineId, Machine>;
  /** How the machines follow from what was seen; a rack without it has been put together by hand. */
  readonly book?: RackBook;
}

/**
 * The rack with this fact in it. Two sightings are of the same machine when they share a MAC address of a physical
 * link and their UUIDs do not say otherwise; a UUID alone never joins, because boards are sold with equal or blank ones.
 * The same facts give the same machines in whatever order they arrive, as long as their times differ.
 */
export function observe(rack: Rack, fact: Fact): Rack {
  const book = rack.book ?? emptyBook;
  const at = fact.at ?? book.latest + 1;
  if (fact.kind === 'silent') return fallSilent(book, rack, fact.id, at);
  const said = boardOf(fact, at, book.slots);
  if (said.claims.size === 0) return rack;
  return rackOf(settle(tell({ ...book, latest: Math.max(book.latest, at) }, said), said));
}

export function machineWithMac(rack: Rack, mac: MacAddress): Machine | undefined {
  const { book } = rack;
  if (book === undefined) return rack.machines.values().find((machine) => machine.macs.includes(mac));
  return machinesAt(book, getText(book.machinesOfMac, mac)).reduce<Machine | undefined>(
    (last, other) => ((other.lastSeen ?? 0) >= (last?.lastSeen ?? 0) ? other : last),
    undefined,
  );
}

/** The machines that tell this UUID, in either byte order: more than one when boards share it. */
export function machinesWithUuid(rack: Rack, uuid: string): readonly Machine[] {
  const key = boardKeyOf(uuid);
  const isThis = (machine: Machine) =>
    machine.uuid === uuid || (key !== '' && machine.uuid !== undefined && boardKeyOf(machine.uuid) === key);
  const { book } = rack;
  // A UUID that tells nothing joins nobody, and is not indexed.
  if (book === undefined || key === '') return [...rack.machines.values()].filter(isThis);
  return machinesAt(book, getText(book.machinesOfUuid, key));
}

/**
 * The machines of which something else may be true after a fact about these MAC addresses: those that hang together with
 * them, and those that tell the same UUID.
 */
export function machinesAround(rack: Rack, macs: readonly MacAddress[]): readonly Machine[] {
  const { book } = rack;
  if (book === undefined) return [...rack.machines.values()];
  const around = machinesAt(
    book,
    boardsAround(book, macs).map(({ slot }) => slot),
  );
  const alike = around.flatMap(({ uuid }) => (boardKeyOf(uuid) === '' ? [] : machinesWithUuid(rack, uuid ?? '')));
  return [...new Set([...around, ...alike])];
}

/** The MAC addresses that a fact is about. */
export function macsOfFact(fact: Fact, rack: Rack): readonly MacAddress[] {
  switch (fact.kind) {
    case 'boot':
    case 'address':
      return [fact.mac];
    case 'talos':
      return identityMacs(fact.observation);
    case 'known':
      return fact.machine.macs;
    case 'silent':
      return rack.machines.get(fact.id)?.macs ?? [];
  }
}

/** When the last fact was seen. */
export const latestOf = ({ book }: Rack): number => book?.latest ?? 0;

function boardOf(fact: Exclude<Fact, { kind: 'silent' }>, at: number, slot: number): Board {
  const board = (macs: readonly MacAddress[], uuid: string | undefined, more: Partial<Board>, first = at): Board => ({
    slot,
    key: boardKeyOf(uuid),
    claims: new Map(macs.map((mac) => [mac, { first, last: at }])),
    ...(uuid === undefined ? {} : { uuid: { at, value: uuid } }),
    ...more,
  });
  switch (fact.kind) {
    case 'boot':
      return board([fact.mac], fact.uuid, { boot: { at, value: fact.boot } });
    case 'address':
      return board([fact.mac], fact.uuid, { address: { at, value: fact.address } });
    case 'talos': {
      const reading = { at, value: fact.observation };
      const address = { at, value: fact.observation.address };
      return board(identityMacs(fact.observation), fact.observation.uuid, { reading, live: reading, address });
    }
    case 'known': {
      const { macs, uuid, address, boot, lastReading, firstSeen } = fact.machine;
      const parts: Partial<Board> = {
        ...(address === undefined ? {} : { address: { at, value: address } }),
        ...(boot === undefined ? {} : { boot: { at, value: boot } }),
        ...(lastReading === undefined ? {} : { reading: { at: lastReading.at, value: lastReading.observation } }),
      };
      return board(macs, uuid, parts, firstSeen);
    }
  }
}

function fallSilent(book: RackBook, rack: Rack, id: MachineId, at: number): Rack {
  const machine = rack.machines.get(id);
  if (machine?.talos === undefined) return rack;
  let told: RackBook = { ...book, latest: Math.max(book.latest, at) };
  for (const board of boardsAt(book, boardsWith(book, machine.macs))) {
    if (board.live?.value !== machine.talos) continue;
    const silent: Board = { ...board, silent: { at, value: true } };
    told = settle(replaceBoard(told, silent), silent);
  }
  return rackOf(told);
}

function rackOf(book: RackBook): Rack {
  return { machines: new MachineMap(book), book };
}

export const emptyRack: Rack = rackOf(emptyBook);
