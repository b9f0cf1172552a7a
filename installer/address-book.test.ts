import { describe, expect, it } from 'vitest';
import { parseMac } from '../core/mac-address.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { openAddressBook } from './address-book.ts';

const path = '/state/addresses';
const mac = parseMac('52:54:00:00:00:01')!;
const other = parseMac('52:54:00:00:00:02')!;

describe('openAddressBook', () => {
  it('tells a later run the address that each machine took last', async () => {
    const files = new MemoryFiles();
    const book = await openAddressBook(path, files);
    expect(book.facts).toEqual([]);
    book.note({ macs: [mac], address: '10.0.0.8', uuid: 'u1' });
    book.note({ macs: [other], address: '10.0.0.9' });
    book.note({ macs: [mac], address: '10.0.0.7' });
    book.note({ macs: [mac] });
    await book.flush();
    expect((await openAddressBook(path, files)).facts).toEqual([
      { kind: 'address', mac, address: '10.0.0.7', uuid: 'u1' },
      { kind: 'address', mac: other, address: '10.0.0.9' },
    ]);
  });

  it('takes a spoilt book for an empty one', async () => {
    const files = new MemoryFiles();
    await files.writeAtomically(path, '{"not": "a book"}\n52:54:00:00:00:01\n', 0o600);
    expect((await openAddressBook(path, files)).facts).toEqual([]);
  });

  it('rejects when it could not be written', async () => {
    const files = new MemoryFiles();
    const book = await openAddressBook(path, files);
    files.writeAtomically = () => Promise.reject(new Error('no space left on device'));
    book.note({ macs: [mac], address: '10.0.0.8' });
    await expect(book.flush()).rejects.toThrow('no space left');
  });
});
