import type { MacAddress } from '../../core/mac-address.ts';
import type { Machine } from '../../core/machine.ts';
import type { Files } from '../../core/ports.ts';
import type { Fact, KnownMachine } from '../../core/rack.ts';
import { keyOf, readKnown, renderGone, renderKnown } from './known-lines.ts';

/**
 * What is known of each machine, kept between runs: its cards, the address that it took last, and its last reading. A
 * machine that waits in maintenance mode asks DHCP again only when half of its lease is over, so a later run would not
 * hear of it. Only hints: what answers at an address is believed by its identity. No secrets: all of it was told to
 * everybody who asked.
 */
export interface Inventory {
  /** What earlier runs knew, as facts. */
  readonly facts: readonly Fact[];
  note(machine: Machine): void;
  /** Resolves when everything noted is on the disk; rejects when it could not be written. */
  flush(): Promise<void>;
}

/**
 * Reads the inventory; what is missing or spoilt is not known, since all in it can be seen again. News are appended, and a
 * later line of a machine counts instead of an earlier one; the file is written anew when most of it is old.
 */
export async function openInventory(
  path: string,
  files: Pick<Files, 'readText' | 'writeAtomically' | 'appendDurably'>,
): Promise<Inventory> {
  const known = readKnown((await files.readText(path)) ?? '');
  const machines = new Map<string, { readonly macs: ReadonlySet<MacAddress>; readonly news: string; line(): string }>();
  const owners = new Map<MacAddress, Set<string>>();
  const put = (key: string, machine: KnownMachine) => {
    drop(key);
    machines.set(key, { macs: new Set(machine.macs), news: newsOf(machine), line: () => renderKnown(machine) });
    for (const mac of machine.macs) owners.set(mac, (owners.get(mac) ?? new Set()).add(key));
  };
  const drop = (key: string) => {
    for (const mac of machines.get(key)?.macs ?? []) owners.get(mac)?.delete(key);
    machines.delete(key);
  };
  for (const machine of known) put(keyOf(machine), machine);

  /** Of whom the file says something else. */
  const fresh = new Set<string>();
  /** Lines that were appended. */
  let appended = 0;
  /** Nobody knows what the file is like, or it is to be without old lines. */
  let isWhole = true;
  let isWanted = false;
  let writing: Promise<void> | undefined;
  let failure: { readonly reason: unknown } | undefined;
  const write = async () => {
    while (isWanted) {
      isWanted = false;
      const changed = [...fresh];
      fresh.clear();
      if (isWhole || appended + changed.length > machines.size + mostOld) {
        isWhole = false;
        appended = 0;
        const lines = [...machines.values()].map((machine) => `${machine.line()}\n`);
        await files.writeAtomically(path, lines.join(''), 0o600);
      } else {
        appended += changed.length;
        const lines = changed.map((key) => machines.get(key)?.line() ?? renderGone(key));
        await files.appendDurably(path, lines.map((line) => `${line}\n`).join(''));
      }
    }
  };
  /** One write at a time; what is noted meanwhile goes into the next. */
  const start = () => {
    isWanted = true;
    writing ??= write()
      .then(() => {
        failure = undefined;
      })
      .catch((reason: unknown) => {
        failure = { reason };
        isWhole = true;
      })
      .finally(() => {
        writing = undefined;
      });
  };

  return {
    facts: known.map((machine) => ({ kind: 'known', at: machine.lastSeen, machine })),
    note(machine) {
      const seen = { ...machine, firstSeen: machine.firstSeen ?? 0, lastSeen: machine.lastSeen ?? 0 };
      const key = keyOf(seen);
      const before = machines.get(key);
      for (const other of new Set(machine.macs.flatMap((mac) => [...(owners.get(mac) ?? [])]))) {
        const isPart = [...(machines.get(other)?.macs ?? [])].every((mac) => machine.macs.includes(mac));
        if (other === key || !isPart) continue;
        drop(other);
        fresh.add(other);
      }
      put(key, seen);
      fresh.add(key);
      if (before?.news !== newsOf(seen)) start();
    },
    async flush() {
      if (fresh.size > 0 || appended > 0 || failure !== undefined) {
        isWhole = true;
        start();
      }
      await writing;
      if (failure !== undefined) throw failure.reason;
    },
  };
}

/** So many old lines are too few to care about. */
const mostOld = 20;

/** What is worth a write at once; times and the like can wait for the next. */
function newsOf({ macs, uuid, address, boot, lastReading }: KnownMachine): string {
  const { mode, stage, bootMark, disks = [] } = lastReading?.observation ?? {};
  const found = disks.map(({ name, signatures }) => [name, ...signatures]);
  return JSON.stringify([macs, uuid, address, boot, mode, stage, bootMark, found]);
}
