import type { Emit } from '../core/event.ts';
import type { Journal, JournalEntry, JournalRecord } from '../core/journal.ts';
import type { MacAddress } from '../core/mac-address.ts';
import { type Millis, minutes, seconds } from '../core/millis.ts';
import type { Clock } from '../core/ports.ts';
import { installStepId } from './steps/install-machine.ts';

/** How long after its install a machine is not expected to ask the network for something to boot. */
const watchSpan: Millis = minutes(30);
/** With so many network boots in that time it does not boot its disk. */
const tooMany = 3;
/** Firmware repeats its question for about a minute (EDK2: after 4, 8, 16 and 32 seconds): that is one boot. */
const bootSpan: Millis = seconds(75);

export interface BootLoopGuard {
  /** Why a machine is frozen, in words; `undefined` when it is not. */
  reasonFrozen(machine: string): string | undefined;
  /** An installed machine asked for a boot file. The third time freezes it. */
  noteAsked(machine: string, mac: MacAddress): void;
}

/**
 * Watches for machines that are installed and never get there: each time they ask the network again, they did not boot
 * their disk. Such a machine is frozen, which the journal remembers, until an operator has looked at it.
 */
export function guardBootLoop({
  journal,
  clock,
  emit,
}: {
  journal: Journal;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  emit: Emit;
}): BootLoopGuard {
  const lastBoot = new Map<string, Millis>();
  const frozen = frozenMachines(journal.entries);
  /** Noted, and not yet in the journal. */
  const pending = new Map<string, number>();

  /** What a journal that cannot be written means is said where the next step wants to write it. */
  const append = (record: Parameters<Journal['append']>[0]) => journal.append(record).catch(() => undefined);

  return {
    reasonFrozen: (machine) => frozen.get(machine),
    noteAsked(machine, mac) {
      const now = clock.monotonic();
      const before = lastBoot.get(machine);
      if (before !== undefined && now - before < bootSpan) return;
      const begun = sinceWhen(journal.entries, machine);
      const earliest = clock.now();
      earliest.setTime(earliest.getTime() - watchSpan);
      if (begun === undefined || begun.at < earliest.toISOString()) return;
      lastBoot.set(machine, now);
      const count = begun.boots + (pending.get(machine) ?? 0) + 1;
      pending.set(machine, (pending.get(machine) ?? 0) + 1);
      void append({ type: 'machine.netbooted', machine, mac }).then(() => {
        pending.set(machine, (pending.get(machine) ?? 1) - 1);
      });
      if (count < tooMany || frozen.has(machine)) return;
      const reason =
        `${machine} is installed and has asked the network for a boot file ${count} times within half an hour: ` +
        `it does not boot its disk. It gets no answer until it is released: rackwright node release RACKFILE ${machine} --reason WHY`;
      frozen.set(machine, reason);
      emit({ type: 'machine.held', mac, reason });
      void append({ type: 'machine.frozen', machine, reason });
    },
  };
}

/** The machines that are frozen, by name, and why. One that was removed from the cluster is held for that instead. */
export function frozenMachines(entries: readonly Pick<JournalEntry, 'record'>[]): Map<string, string> {
  const frozen = new Map<string, string>();
  for (const { record } of entries) {
    if (record.type === 'machine.frozen') frozen.set(record.machine, record.reason);
    else if ('machine' in record && endsFreeze(record)) frozen.delete(record.machine);
  }
  return frozen;
}

/** The release of a removed machine is no word on the one that has its name now. */
const endsFreeze = (record: JournalRecord) =>
  record.type === 'machine.removed' || (record.type === 'machine.released' && (record.macs ?? []).length === 0);

/** When the machine's install was seen to be done, or it was released, whichever is later; and its network boots since. */
function sinceWhen(entries: readonly JournalEntry[], machine: string): { at: string; boots: number } | undefined {
  const step = installStepId(machine);
  let boots = 0;
  for (const { at, record } of entries.toReversed()) {
    if (record.type === 'machine.netbooted' && record.machine === machine) boots += 1;
    const isInstalled = record.type === 'step.confirmed' && record.step === step;
    const isReleased = record.type === 'machine.released' && endsFreeze(record) && record.machine === machine;
    if (isInstalled || isReleased) return { at, boots };
  }
  return undefined;
}
