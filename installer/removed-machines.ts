import type { JournalEntry } from '../core/journal.ts';

/** A machine that the cluster forgot while it was silent: what is on its disk still takes it for a member. */
export interface RemovedMachine {
  readonly name: string;
  readonly macs: readonly string[];
  /** When, ISO 8601. */
  readonly at: string;
  /** Another machine was installed, or removed, under its name since: the name alone does not mean this one any more. */
  readonly isReplaced: boolean;
}

type Entry = Pick<JournalEntry, 'at' | 'record'>;

const wordsOf = (text: string | undefined) => (text ?? '').split(' ').filter((word) => word !== '');

/**
 * The machines that were removed while they were silent, and neither released by an operator nor installed anew since. They
 * are known by their MAC addresses: their name may be another machine's by now.
 */
export const removedMachines = (entries: readonly Entry[]): readonly RemovedMachine[] => entries.reduce(learn, []);

function learn(removed: readonly RemovedMachine[], { at, record }: Entry): readonly RemovedMachine[] {
  const without = (gone: readonly string[]) => removed.filter(({ macs }) => !macs.some((mac) => gone.includes(mac)));
  if (record.type === 'machine.removed') {
    const { machine: name, macs } = record;
    // The same one once more; of one that was known by another address, too, that is remembered as well.
    const others = removed.filter((one) => !one.macs.every((mac) => macs.includes(mac)));
    return [...replaced(others, name), { name, macs, at, isReplaced: false }];
  }
  if (record.type === 'machine.released') {
    if (record.macs === undefined) return removed.filter(({ name }) => name !== record.machine);
    return record.macs.length === 0 ? removed : replaced(without(record.macs), record.machine);
  }
  if (record.type !== 'step.started' && record.type !== 'step.confirmed') return removed;
  const [kind, name = ''] = record.step.split('/');
  if (kind !== 'install') return removed;
  return replaced(record.type === 'step.started' ? without(wordsOf(record.memory?.['macs'])) : removed, name);
}

const replaced = (removed: readonly RemovedMachine[], by: string) =>
  removed.map((one) => (one.name === by ? { ...one, isReplaced: true } : one));

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
    return known.findLast((one) => one.macs.some((mac) => macs.includes(mac)));
  };
}

/** Why such a machine gets nothing to boot and is not taken back, in words. */
export const whyRemoved = ({ name, macs, at, isReplaced }: RemovedMachine): string =>
  `it was removed from the cluster as ${name} while it was silent (${at}), and its disk still takes it for a member: ` +
  `wipe its disk, then rackwright node release RACKFILE ${name}${isReplaced ? ` --mac ${macs[0] ?? ''}` : ''} --reason WHY`;

/**
 * Of the MAC addresses that a machine may have, those that are not of one that had its name before and was removed. All of
 * them when none is left: then it is itself that was removed, and a kill came before that was done.
 */
export function macsToHold(macs: readonly string[], removed: readonly RemovedMachine[]): readonly string[] {
  const own = macs.filter((mac) => !removed.some((one) => one.macs.includes(mac)));
  return own.length === 0 ? macs : own;
}
