import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles } from './node-files.ts';

let directory: string;
const at = (name: string) => join(directory, name);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('nodeFiles', () => {
  it('calls a missing file undefined, not a fault', async () => {
    const answers = [nodeFiles.readText(at('none')), nodeFiles.open(at('none')), nodeFiles.mode(at('none'))];
    expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined]);
  });

  it('writes a file with exactly the mode asked for, whatever the umask, and leaves no draft', async () => {
    await nodeFiles.writeAtomically(at('secrets'), 'one', 0o600);
    await nodeFiles.writeAtomically(at('public'), Uint8Array.of(50), 0o666);
    expect([await nodeFiles.mode(at('secrets')), await nodeFiles.mode(at('public'))]).toEqual([0o600, 0o666]);
    expect([await nodeFiles.readText(at('secrets')), await nodeFiles.readText(at('public'))]).toEqual(['one', '2']);
    expect(await readdir(directory)).toEqual(['public', 'secrets']);
  });

  it('narrows the mode of a file that it replaces', async () => {
    await nodeFiles.writeAtomically(at('secrets'), 'old', 0o644);
    await nodeFiles.writeAtomically(at('secrets'), 'new', 0o600);
    expect([await nodeFiles.mode(at('secrets')), await nodeFiles.readText(at('secrets'))]).toEqual([0o600, 'new']);
  });

  it('leaves what was there when it cannot write, and says why', async () => {
    await nodeFiles.makeDirectory(at('taken/inside'), 0o700);
    await expect(nodeFiles.writeAtomically(at('taken'), 'x', 0o600)).rejects.toMatchObject({
      code: 'platform/path-wrong',
      exitCode: 4,
      remedy: `Name a file; ${at('taken')} is a folder.`,
      kind: 'operator',
      message: `${at('taken')} cannot be written: it is a directory`,
    });
    expect(await readdir(directory)).toEqual(['taken']);
  });

  it('appends line after line, to a file that only its owner reads', async () => {
    await nodeFiles.appendDurably(at('journal'), 'a\n');
    await nodeFiles.appendDurably(at('journal'), 'b\n');
    expect(await readFile(at('journal'), 'utf8')).toBe('a\nb\n');
    expect(await nodeFiles.mode(at('journal'))).toBe(0o600);
  });

  it('cuts a file', async () => {
    await nodeFiles.appendDurably(at('journal'), 'a\nhalf');
    await nodeFiles.truncate(at('journal'), 2);
    expect(await nodeFiles.readText(at('journal'))).toBe('a\n');
  });

  it('makes directories with the mode asked for, and leaves those that are there alone', async () => {
    await nodeFiles.makeDirectory(at('a/b'), 0o700);
    await nodeFiles.makeDirectory(at('a/b'), 0o755);
    expect((await stat(at('a/b'))).mode & 0o777).toBe(0o700);
  });

  it('reads any part of a file, and streams it in chunks', async () => {
    const content = Uint8Array.from({ length: 700_000 }, (_, index) => index % 251);
    await nodeFiles.writeAtomically(at('uki'), content, 0o644);
    const file = await nodeFiles.open(at('uki'));
    if (file === undefined) throw new Error('no file');
    expect(file.sizeBytes).toBe(700_000);
    expect(await file.read(699_990, 100)).toEqual(content.subarray(699_990));
    const chunks = await Array.fromAsync(file.stream(10, 699_999));
    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks).equals(content.subarray(10, 699_999))).toBe(true);
    await file.close();
  });

  it('keeps a file open for one who appends often, and each part is there when it says so', async () => {
    const file = await nodeFiles.openAppend(at('leases'));
    await file.appendDurably('one\n');
    expect(await nodeFiles.readText(at('leases'))).toBe('one\n');
    await file.appendDurably('two\n');
    await file.close();
    const again = await nodeFiles.openAppend(at('leases'));
    await again.appendDurably('three\n');
    await again.close();
    expect(await nodeFiles.readText(at('leases'))).toBe('one\ntwo\nthree\n');
    await expect(nodeFiles.openAppend(at('no/such/place'))).rejects.toMatchObject({
      code: 'platform/path-wrong',
      remedy: `Make the folder ${at('no/such')} first, or name another place.`,
    });
    // A log whose place has gone since is no wrong input.
    await expect(nodeFiles.appendDurably(at('no/such/journal'), 'x')).rejects.toMatchObject({ exitCode: 1 });
    await expect(nodeFiles.makeDirectory(at('leases'), 0o700)).rejects.toMatchObject({
      exitCode: 4,
      remedy: `Name a folder; ${at('leases')} is a file.`,
    });
    await expect(nodeFiles.readText(at('leases/below'))).rejects.toMatchObject({
      remedy: `Name another place: a part of ${at('leases')} is a file and no folder.`,
    });
  });
});
