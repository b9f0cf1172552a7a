import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import { keepSecrets } from './keep-secrets.ts';
import { writeAccessFile } from './write-access-file.ts';

const never = { uncertain: false, confirmed: false };
const { signal } = new AbortController();

describe('keepSecrets', () => {
  const step = (exists: boolean) =>
    keepSecrets({ path: '/state/secrets.age', exists: async () => exists, mint: async () => undefined });

  it('mints them when there are none, also after a crash in the middle', async () => {
    expect(await step(false).check(never, signal)).toMatchObject({ kind: 'todo' });
    expect(await step(false).check({ ...never, uncertain: true }, signal)).toMatchObject({
      kind: 'todo',
      untouched: true,
    });
    expect(await step(true).check(never, signal)).toEqual({ kind: 'done' });
  });

  it('never mints new ones for a cluster that had some', async () => {
    await expect(step(false).check({ uncertain: false, confirmed: true }, signal)).rejects.toMatchObject({
      code: 'installer/secrets-lost',
      exitCode: 3,
    });
  });
});

describe('writeAccessFile', () => {
  const path = '/rack/lab.kubeconfig';

  function desk(text?: string, mode = 0o600) {
    const files = new MemoryFiles();
    if (text !== undefined) files.contents.set(path, { bytes: new TextEncoder().encode(text), mode });
    const written: string[] = [];
    const step = writeAccessFile({
      what: 'kubeconfig',
      path,
      after: [],
      files,
      isCurrent: async (there) => there === 'ours',
      make: async () => 'ours',
      onWritten: (where) => written.push(where),
    });
    return { files, step, written };
  }

  it.each([
    ['it is not there', undefined, 0o600],
    ['others may read it', 'ours', 0o644],
  ])('writes the file, for its owner alone, when %s', async (_why, text, mode) => {
    const { files, step, written } = desk(text, mode);
    expect(await step.check(never, signal)).toMatchObject({ kind: 'todo' });
    await step.apply!(signal);
    expect(await files.readText(path)).toBe('ours');
    expect(files.contents.get(path)?.mode).toBe(0o600);
    expect(written).toEqual([path]);
    expect(await step.check(never, signal)).toEqual({ kind: 'done' });
  });

  it('writes over what it wrote before, and never over a file of somebody else', async () => {
    expect(await desk('theirs').step.check({ ...never, confirmed: true }, signal)).toMatchObject({ kind: 'todo' });
    await expect(desk('theirs').step.check(never, signal)).rejects.toMatchObject({ code: 'installer/file-in-the-way' });
  });
});
