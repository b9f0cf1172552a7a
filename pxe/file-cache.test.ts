import { beforeEach, describe, expect, it } from 'vitest';
import { FakeFiles } from './fake-world.fixture.ts';
import { FileCache } from './file-cache.ts';

const mebi = 1024 * 1024;
const content = Uint8Array.from({ length: 9 * mebi }, (_, at) => at * 31 + (at >> 8));
let files: FakeFiles;

beforeEach(() => {
  files = new FakeFiles();
  files.contents.set('/uki', content);
  files.revisions.set('/uki', 'one');
});

/** Where each read of the file began, in MiB. */
const offsetsRead = () => files.reads.map((read) => Number(/ (\d+)\+/.exec(read)?.[1]) / mebi);

async function bytesOf(cache: FileCache, start: number, end: number): Promise<Uint8Array> {
  const file = await cache.open('/uki');
  if (file === undefined) throw new Error('no file');
  const bytes = await file.read(start, end - start);
  const streamed = Buffer.concat(await Array.fromAsync(file.stream(start, end)));
  expect(streamed.equals(bytes)).toBe(true);
  await file.close();
  return bytes;
}

describe('FileCache', () => {
  it.each([
    [0, 10],
    [4 * mebi - 5, 4 * mebi + 5],
    [4 * mebi, 4 * mebi + 1],
    [9 * mebi - 3, 9 * mebi + 100],
    [9 * mebi, 9 * mebi + 1],
    [0, 9 * mebi],
  ])('gives the bytes %i to %i as they are in the file', async (start, end) => {
    const bytes = await bytesOf(new FileCache(files), start, end);
    expect(Buffer.from(bytes).equals(content.subarray(start, end))).toBe(true);
  });

  it('reads each piece once for everybody', async () => {
    const cache = new FileCache(files);
    await Promise.all([bytesOf(cache, 0, 9 * mebi), bytesOf(cache, 5, 6 * mebi)]);
    await bytesOf(cache, 100, 200);
    expect(files.reads).toHaveLength(3);
    expect(files.openCount).toBe(0);
  });

  it('reads a file anew when its content is another', async () => {
    const cache = new FileCache(files);
    await bytesOf(cache, 0, 10);
    files.contents.set('/uki', new Uint8Array(100).fill(9));
    files.revisions.set('/uki', 'two');
    expect([...(await bytesOf(cache, 0, 3))]).toEqual([9, 9, 9]);
  });

  it('reads the next piece while one is on its way, so that it need not be waited for', async () => {
    const cache = new FileCache(files);
    await bytesOf(cache, 0, 10);
    expect(offsetsRead()).toEqual([0, 4]);
    await bytesOf(cache, 8 * mebi, 9 * mebi);
    expect(offsetsRead()).toEqual([0, 4, 8]);
  });

  it('keeps no more than it may, and drops what was not used for longest', async () => {
    const cache = new FileCache(files, 8 * mebi);
    for (const start of [0, 4, 8]) await bytesOf(cache, start * mebi, start * mebi + 1);
    await bytesOf(cache, 4 * mebi, 4 * mebi + 1);
    expect(offsetsRead()).toEqual([0, 4, 8]);
    await bytesOf(cache, 0, 1);
    expect(offsetsRead()).toEqual([0, 4, 8, 0]);
    await bytesOf(cache, 4 * mebi, 4 * mebi + 1);
    expect(offsetsRead()).toEqual([0, 4, 8, 0, 8]);
  });

  it('reads nothing ahead where it would push out what is being sent', async () => {
    const cache = new FileCache(files, 4 * mebi);
    await bytesOf(cache, 0, 10);
    await bytesOf(cache, 20, 30);
    expect(offsetsRead()).toEqual([0]);
  });

  it.each([
    ['for another', 0],
    ['when it was read ahead', 4 * mebi],
  ])('tries a read again that failed %s', async (_when, failing) => {
    let failures = 1;
    const open = files.open.bind(files);
    files.open = async (path) => {
      const file = await open(path);
      if (file === undefined) return undefined;
      const read = (offset: number, length: number) =>
        offset === failing && failures-- > 0 ? Promise.reject(new Error('closed')) : file.read(offset, length);
      return { ...file, read };
    };
    const cache = new FileCache(files);
    await bytesOf(cache, 0, 2);
    expect([...(await bytesOf(cache, failing, failing + 2))]).toEqual([...content.subarray(failing, failing + 2)]);
  });

  it('says when there is no file, and passes through what has no revision', async () => {
    const cache = new FileCache(files);
    expect(await cache.open('/nothing')).toBeUndefined();
    files.revisions.clear();
    await bytesOf(cache, 0, 5);
    await bytesOf(cache, 0, 5);
    expect(files.reads).toHaveLength(2);
  });
});
