import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from './lock-directory.ts';

let directory: string;
let other: ChildProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-lock-'));
});
afterEach(async () => {
  await killOther();
  await rm(directory, { recursive: true, force: true });
});

describe('lockDirectory', () => {
  it('lets one writer in, and the next when that one has left', async () => {
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'platform/held-by-another' });
    await lock.release();
    await (await lockDirectory(directory)).release();
    expect(await locksIn()).toEqual([]);
  });

  it('names the living process that holds it, with exit code 5, and leaves its lock alone', async () => {
    const pid = await lockInOtherProcess();
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: 'platform/held-by-another',
      exitCode: 5,
      message: expect.stringContaining(`Process ${pid} `) as string,
    });
    expect(await locksIn()).toHaveLength(1);
  });

  it('takes over from a process that was killed', async () => {
    await lockInOtherProcess();
    await killOther();
    expect(await locksIn()).toHaveLength(1);
    const lock = await lockDirectory(directory);
    expect(await locksIn()).toEqual([expect.stringContaining(`writer-${process.pid}-`) as string]);
    await lock.release();
  });

  it('does not take a pid that was used again for the process that had it before', async () => {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).replaceAll(/[^0-9a-f]/g, '').slice(0, 12);
    await writeFile(join(directory, `writer-${process.ppid}-1-${boot}.lock`), '');
    await expect(lockDirectory(directory)).resolves.toBeDefined();
  });

  it('does not take a lock from before the machine was restarted for a living one', async () => {
    const lock = await lockDirectory(directory);
    const [own = ''] = await locksIn();
    await lock.release();
    await writeFile(join(directory, own.replace(/[0-9a-f]+\.lock$/, '000000000000.lock')), '');
    await expect(lockDirectory(directory)).resolves.toBeDefined();
  });

  it('gives each writer a higher number than all before it, and one that was overtaken knows', async () => {
    const first = await lockDirectory(directory);
    await first.release();
    const second = await lockDirectory(directory);
    expect(second.writer.fence()).toBeGreaterThan(first.writer.fence());
    expect([await first.writer.isCurrent(), await second.writer.isCurrent()]).toEqual([false, true]);
    await second.writer.raise(40);
    expect([second.writer.fence(), await second.writer.isCurrent()]).toEqual([40, true]);
    await second.release();
    expect((await lockDirectory(directory)).writer.fence()).toBe(41);
  });

  it('says so when the directory cannot be used', async () => {
    await expect(lockDirectory(join(directory, 'missing'))).rejects.toMatchObject({ code: 'platform/file-failed' });
  });
});

const locksIn = async () => (await readdir(directory)).filter((name) => name.endsWith('.lock'));

async function lockInOtherProcess(): Promise<number> {
  const program = `
    const { lockDirectory } = await import(${JSON.stringify(join(import.meta.dirname, 'lock-directory.ts'))});
    await lockDirectory(${JSON.stringify(directory)});
    process.stdout.write('locked');
    setInterval(() => undefined, 1000);`;
  other = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(other.stdout ?? other, 'data');
  return other.pid ?? 0;
}

async function killOther(): Promise<void> {
  if (other === undefined) return;
  const over = once(other, 'close');
  other.kill('SIGKILL');
  await over;
  other = undefined;
}
