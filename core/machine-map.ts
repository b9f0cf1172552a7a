import type { Machine, MachineId } from './machine.ts';
import { machinesAt, type RackBook } from './rack-book.ts';
import { getText } from './text-index.ts';
import { valuesOf } from './vector.ts';

/** The machines of a book by their ids, without a copy. */
export class MachineMap implements ReadonlyMap<MachineId, Machine> {
  readonly #book: RackBook;

  constructor(book: RackBook) {
    this.#book = book;
  }

  get size(): number {
    return this.#book.size;
  }

  get(id: MachineId): Machine | undefined {
    const [mac = ''] = id.split('/');
    return machinesAt(this.#book, getText(this.#book.machinesOfMac, mac)).find((machine) => machine.id === id);
  }

  has(id: MachineId): boolean {
    return this.get(id) !== undefined;
  }

  values(): MapIterator<Machine> {
    return valuesOf(this.#book.machines);
  }

  keys(): MapIterator<MachineId> {
    return this.values().map(({ id }) => id);
  }

  entries(): MapIterator<[MachineId, Machine]> {
    return this.values().map((machine) => [machine.id, machine]);
  }

  [Symbol.iterator](): MapIterator<[MachineId, Machine]> {
    return this.entries();
  }

  forEach(callback: (machine: Machine, id: MachineId, map: ReadonlyMap<MachineId, Machine>) => void): void {
    for (const machine of this.values()) callback(machine, machine.id, this);
  }
}
