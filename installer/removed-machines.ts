import type { JournalEntry } from '../core/journal.ts';

/** A machine that the cluster forgot while it was silent: what is on its disk still takes it for a member. */
export interface RemovedMachine {
  readonly name: string;
  readonly macs: readonly string[];
  /** When, ISO 8601. */
  readonly at: string;
}

type Entry = Pick<JournalEntry, 'at' | 'record'>;

const wordsOf = (text: string | undefined) => (text ?? '').split(' ').filter((word) => word !== '');

/**
 * The machines that were removed while they were silent, and neither released by an operator nor installed anew since. They
 * are known by their MAC addresses: their name may be another machine's by now.
 */
export const removedMachines = (entries: readonly Entry[]): readonly RemovedMachine[] => entries.reduce(learn, []);

function learn(removed: readonly RemovedMachine[], { at, record }: Entry): readonly RemovedMachine[] {
  const others = (machine: string) => removed.filter(({ name }) => name !== machine);
  if (record.type === 'machine.removed')
    return [...others(record.machine), { name: record.machine, macs: record.macs, at }];
  if (record.type === 'machine.released') return others(record.machine);
  if (record.type !== 'step.started' || !record.step.startsWith('install/')) return removed;
  const installed = wordsOf(record.memory?.['macs']);
  return removed.filter(({ macs }) => !macs.some((mac) => installed.includes(mac)));
}

/** Finds the removed machine that has any of some MAC addresses; each entry of the journal is looked at once. */
export function removedFinder(journal: { readonly entries: readonly Entry[] }) {
  let known: readonly RemovedMachine[] = [];
  let seen = 0;
  return (macs: readonly string[]): RemovedMachine | undefined => {
    const { entries } = journal;
    // A journal that was compacted meanwhile begins anew.
    if (entries.length < seen) [known, seen] = [[], 0];
    for (const entry of entries.slice(seen)) known = learn(known, entry);
    seen = entries.length;
    return known.find((one) => one.macs.some((mac) => macs.includes(mac)));
  };
}

/** Why such a machine gets nothing to boot and is not taken back, in words. */
export const whyRemoved = ({ name, at }: RemovedMachine): string =>
  `it was removed from the cluster as ${name} while it was silent (${at}), and its disk still takes it for a member: ` +
  `wipe its disk, then rackwright node release ${name}`;
