import { type MacAddress, parseMac } from '../core/mac-address.ts';
import type { Machine } from '../core/machine.ts';
import type { Files } from '../core/ports.ts';
import type { Fact } from '../core/rack.ts';

/**
 * The address that each machine took last. A machine that waits in maintenance mode asks DHCP again only when half of its
 * lease is over, so a later run would not hear of it. Only hints: what answers there is believed by its identity.
 */
export interface AddressBook {
  /** What earlier runs heard, as facts. */
  readonly facts: readonly Fact[];
  note(machine: Pick<Machine, 'macs' | 'address' | 'uuid'>): void;
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
    facts: [...known].map(([mac, { address, uuid }]) => ({
      kind: 'address',
      mac,
      address,
      ...(uuid === undefined ? {} : { uuid }),
    })),
    note({ macs, address, uuid }) {
      if (address === undefined) return;
      const before = renderBook(known);
      for (const mac of macs) known.set(mac, { address, uuid: uuid ?? known.get(mac)?.uuid });
      const text = renderBook(known);
      if (text === before) return;
      writing = writing.then(() => files.writeAtomically(path, text, 0o600));
      writing.catch(() => undefined);
    },
    flush: () => writing,
  };
}

type Book = Map<MacAddress, { readonly address: string; readonly uuid: string | undefined }>;

const renderBook = (book: Book) =>
  [...book].map(([mac, { address, uuid = '' }]) => `${mac} ${address} ${uuid}`.trim()).join('\n') + '\n';

function parseBook(text: string): Book {
  const known: Book = new Map();
  for (const line of text.split('\n')) {
    const [mac, address, uuid] = line.split(' ');
    const parsed = parseMac(mac ?? '');
    if (parsed !== undefined && address !== undefined) known.set(parsed, { address, uuid });
  }
  return known;
}
