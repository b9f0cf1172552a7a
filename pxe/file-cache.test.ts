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

  it('keeps no more than it may', async () => {
    const cache = new FileCache(files, 8 * mebi);
    for (const start of [0, 4, 8]) await bytesOf(cache, start * mebi, start * mebi + 1);
    await bytesOf(cache, 4 * mebi, 4 * mebi + 1);
    expect(files.reads).toHaveLength(3);
    await bytesOf(cache, 0, 1);
    expect(files.reads).toHaveLength(4);
    await bytesOf(cache, 4 * mebi, 4 * mebi + 1);
    expect(files.reads).toHaveLength(4);
  });

  it('tries a read again that failed for another', async () => {
    let failures = 1;
    const open = files.open.bind(files);
    files.open = async (path) => {
      const file = await open(path);
      if (file === undefined) return undefined;
      const read = (offset: number, length: number) =>
        failures-- > 0 ? Promise.reject(new Error('closed')) : file.read(offset, length);
      return { ...file, read };
    };
    expect([...(await bytesOf(new FileCache(files), 0, 2))]).toEqual([...content.subarray(0, 2)]);
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
