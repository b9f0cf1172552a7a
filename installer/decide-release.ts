import type { JournalEntry } from '../core/journal.ts';
import { frozenMachines } from './boot-loop.ts';
import { removedMachines } from './removed-machines.ts';

/**
 * Which machine is given free by its name: the MAC addresses of the removed one, none for the one that is frozen, `undefined`
 * when nobody is held. A name means the machine that has it now: one that was removed and whose name another one got
 * since is only meant by a MAC address.
 */
export function decideRelease(
  entries: readonly Pick<JournalEntry, 'at' | 'record'>[],
  machine: string,
  mac?: string,
): readonly string[] | undefined {
  const removed = removedMachines(entries).filter(({ name }) => name === machine);
  if (mac !== undefined) return removed.find(({ macs }) => macs.includes(mac))?.macs;
  if (frozenMachines(entries).has(machine)) return [];
  return removed.find(({ isReplaced }) => !isReplaced)?.macs;
}
