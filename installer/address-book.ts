import { type MacAddress, parseMac } from '../core/mac-address.ts';
import type { Files } from '../core/ports.ts';
import type { Fact } from '../core/rack.ts';

/**
 * The address that each machine took last. A machine that waits in maintenance mode asks DHCP again only when half of its
 * lease is over, so a later run would not hear of it. Only hints: what answers there is believed by its identity.
 */
export interface AddressBook {
  /** What earlier runs heard, as facts. */
  readonly facts: readonly Fact[];
  note(mac: MacAddress, address: string): void;
  /** Resolves when everything noted is on the disk; rejects when it could not be written. */
  flush(): Promise<void>;
}

/** Reads the book; one that is missing or spoilt is empty, since all in it can be heard again. */
export async function openAddressBook(
  path: string,
  files: Pick<Files, 'readText' | 'writeAtomically'>,
): Promise<AddressBook> {
  const known = parseBook((await files.readText(path)) ?? '');
  let writing: Promise<void> = Promise.resolve();
  return {
    facts: [...known].map(([mac, address]) => ({ kind: 'address', mac, address })),
    note(mac, address) {
      if (known.get(mac) === address) return;
      known.set(mac, address);
      const text = [...known].map((entry) => entry.join(' ')).join('\n');
      writing = writing.then(() => files.writeAtomically(path, `${text}\n`, 0o600));
      writing.catch(() => undefined);
    },
    flush: () => writing,
  };
}

function parseBook(text: string): Map<MacAddress, string> {
  const known = new Map<MacAddress, string>();
  for (const line of text.split('\n')) {
    const [mac, address] = line.split(' ');
    const parsed = parseMac(mac ?? '');
    if (parsed !== undefined && address !== undefined) known.set(parsed, address);
  }
  return known;
}
