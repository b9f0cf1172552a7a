import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import type { Lease } from './lease.ts';
import { LeaseStore } from './lease-store.ts';

const lease = (last: number, until = 1000): Lease => ({
  client: `52:54:00:00:00:${last.toString(16).padStart(2, '0')}`,
  address: 0x0a000000 + last,
  state: 'bound',
  until,
});
const byAddress = (store: LeaseStore) => new Map([...store.leases].map((one) => [one.address, one]));
const reopened = async (files: MemoryFiles) => byAddress(await LeaseStore.open('/leases', files));

describe('LeaseStore', () => {
  it('knows after a new start the last thing that was written of each address', async () => {
    const files = new MemoryFiles();
    const store = await LeaseStore.open('/leases', files);
    await store.commit(lease(1));
    await store.commit(lease(2));
    await store.commit({ ...lease(1), state: 'released', until: 5 });
    expect(await reopened(files)).toEqual(
      new Map([
        [0x0a000001, { ...lease(1), state: 'released', until: 5 }],
        [0x0a000002, lease(2)],
      ]),
    );
  });

  it('writes together what comes at the same time, and what arrives while a write is under way', async () => {
    const files = new MemoryFiles();
    const store = await LeaseStore.open('/leases', files);
    const later: Promise<void>[] = [];
    const writes: number[] = [];
    const append = files.appendDurably.bind(files);
    files.appendDurably = (path, text) => {
      writes.push(text.split('\n').length - 1);
      if (writes.length === 1) for (let index = 100; index < 150; index += 1) later.push(store.commit(lease(index)));
      return append(path, text);
    };
    await Promise.all(Array.from({ length: 100 }, (_, index) => store.commit(lease(index))));
    await Promise.all(later);
    expect(writes).toEqual([100, 50]);
    expect((await reopened(files)).size).toBe(150);
  });

  it('drops half a line that a crash left, and writes the file anew before anything is added', async () => {
    const files = new MemoryFiles();
    await (await LeaseStore.open('/leases', files)).commit(lease(1));
    await files.appendDurably('/leases', '{"address":"10.0');
    const store = await LeaseStore.open('/leases', files);
    await store.commit(lease(2));
    expect(await reopened(files)).toEqual(byAddress(store));
    expect((await files.readText('/leases'))?.split('\n')).toHaveLength(3);
  });

  it('goes on after a write that failed half-way, without what failed', async () => {
    const files = new MemoryFiles();
    const store = await LeaseStore.open('/leases', files);
    await store.commit(lease(1));
    const append = files.appendDurably.bind(files);
    files.appendDurably = async (path, text) => {
      await append(path, text.slice(0, 9));
      throw new Error('the disk is full');
    };
    await expect(store.commit(lease(2))).rejects.toThrow('the disk is full');
    files.appendDurably = append;
    await store.commit(lease(3));
    expect([...(await reopened(files)).keys()]).toEqual([0x0a000001, 0x0a000003]);
  });

  it('takes out of a long file what says nothing any more', async () => {
    const files = new MemoryFiles();
    const store = await LeaseStore.open('/leases', files);
    await Promise.all(Array.from({ length: 10_100 }, (_, until) => store.commit(lease(1, until))));
    await store.commit(lease(1, 99_999));
    expect((await files.readText('/leases'))?.split('\n').length).toBeLessThan(20);
    expect(await reopened(files)).toEqual(new Map([[0x0a000001, lease(1, 99_999)]]));
  });

  it.each([
    ['not json', 'it is not JSON'],
    ['7', 'it is not a lease'],
    ['{"address":"10.0.0.300"}', 'address is no IPv4 address'],
    ['{"address":"10.0.0.3","client":"x y"}', 'client is no hardware address'],
    ['{"address":"10.0.0.3","client":"52:54:00:00:00:01","state":"lost"}', 'state is none of'],
    ['{"address":"10.0.0.3","client":"52:54:00:00:00:01","state":"bound","until":"soon"}', 'until is no time'],
  ])('refuses a broken line with its place: %s', async (line, why) => {
    const files = new MemoryFiles();
    await (await LeaseStore.open('/leases', files)).commit(lease(1));
    await files.appendDurably('/leases', `${line}\n`);
    await expect(LeaseStore.open('/leases', files)).rejects.toMatchObject({
      code: 'pxe/lease-file-broken',
      message: expect.stringContaining(`line 2: ${why}`) as string,
    });
  });

  it('answers any text with leases or that fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        const files = new MemoryFiles();
        await files.appendDurably('/leases', text);
        await LeaseStore.open('/leases', files).catch((thrown: unknown) => {
          expect(thrown).toMatchObject({ code: 'pxe/lease-file-broken' });
        });
      }),
    );
  });
});
