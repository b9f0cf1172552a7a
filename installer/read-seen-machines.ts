import type { Machine } from '../core/machine.ts';
import type { Files } from '../core/ports.ts';
import { emptyRack, observe } from '../core/rack.ts';
import { inventoryIn } from './inventory/inventory-path.ts';
import { openInventory } from './inventory/open-inventory.ts';

/** The machines that earlier commands saw, as these state directories remember them; none when they are new. */
export async function readSeenMachines(
  stateDirectories: readonly string[],
  files: Pick<Files, 'readText' | 'writeAtomically' | 'appendDurably'>,
): Promise<readonly Machine[]> {
  const inventories = await Promise.all(stateDirectories.map((state) => openInventory(inventoryIn(state), files)));
  const facts = inventories.flatMap((inventory) => inventory.facts);
  return [...facts.reduce(observe, emptyRack).machines.values()];
}
