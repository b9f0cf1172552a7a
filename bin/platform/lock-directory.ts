import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalWriter } from '../../core/journal.ts';
import { fileFailed, heldByAnother } from './platform-faults.ts';
import { errorCodeOf, reasonOf } from './system-error.ts';

export interface DirectoryLock {
  readonly writer: JournalWriter;
  release(): Promise<void>;
}

const lockName = /^writer-(\d+)-(\d+)-([0-9a-f]+)\.lock$/;
const fenceName = /^fence-(\d+)$/;

/**
 * Makes this process the one writer of a directory on this machine. Fault `platform/held-by-another` (exit code 5) names
 * the process that is; the lock of a process that ended in any way, SIGKILL and power cut included, does not count.
 *
 * Each process puts down a file that names it: pid, start time and boot, so that a pid used again is not taken for it.
 * Then it looks whether a file of another living process is there, and if so takes its own away. Of two that start at the
 * same moment both may leave, but never both stay, and nobody ever removes a file that counts.
 *
 * Whether another process lives can only be seen on this machine, outside of containers. So each writer also takes the next
 * fence number, as the name of a file that only one can make, and is current for as long as nobody has a higher one.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const boot = await bootMark();
  const own = `writer-${process.pid}-${await startTimeOf(process.pid)}-${boot}.lock`;
  const path = join(directory, own);
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.close();
  } catch (cause) {
    if (await exists(directory, own)) throw heldByAnother({ directory, pid: process.pid }, { cause });
    throw fileFailed({ path, verb: 'made', reason: reasonOf(cause) }, { cause });
  }
  const release = () => rm(path, { force: true });
  for (const { name, pid, isAlive } of await locksIn(directory, boot)) {
    if (name === own) continue;
    if (isAlive) {
      await release();
      throw heldByAnother({ directory, pid });
    }
    await rm(join(directory, name), { force: true });
  }
  try {
    return { release, writer: await takeFence(directory) };
  } catch (cause) {
    await release();
    throw fileFailed({ path: join(directory, 'fence'), verb: 'made', reason: reasonOf(cause) }, { cause });
  }
}

/** The process that is the writer of a directory now; `undefined` when none is. Changes nothing. */
export async function writerOf(directory: string): Promise<number | undefined> {
  return (await locksIn(directory, await bootMark())).find(({ isAlive }) => isAlive)?.pid;
}

async function locksIn(directory: string, boot: string): Promise<{ name: string; pid: number; isAlive: boolean }[]> {
  const names = await readdir(directory).catch((): string[] => []);
  const locks = await Promise.all(
    names.map(async (name) => {
      const [, pid, startTime, bootOfHolder] = lockName.exec(name) ?? [];
      if (pid === undefined) return [];
      const isAlive = bootOfHolder === boot && (await startTimeOf(Number(pid))) === startTime;
      return [{ name, pid: Number(pid), isAlive }];
    }),
  );
  return locks.flat();
}

/** The next number of this directory: higher than every one before, and nobody else's. */
async function takeFence(directory: string): Promise<JournalWriter> {
  const fences = async () =>
    (await readdir(directory)).flatMap((name) => {
      const [, number] = fenceName.exec(name) ?? [];
      return number === undefined ? [] : [Number(number)];
    });
  const takeAbove = async (floor: number): Promise<number> => {
    for (let number = Math.max(floor, ...(await fences())) + 1; ; number++) {
      try {
        const handle = await open(join(directory, `fence-${number}`), 'wx', 0o600);
        await handle.close();
        for (const old of await fences()) if (old < number) await rm(join(directory, `fence-${old}`), { force: true });
        return number;
      } catch (thrown) {
        if (errorCodeOf(thrown) !== 'EEXIST') throw thrown;
      }
    }
  };
  let own = await takeAbove(0);
  return {
    fence: () => own,
    isCurrent: async () => Math.max(0, ...(await fences())) === own,
    async raise(atLeast) {
      if (own < atLeast) own = await takeAbove(atLeast - 1);
    },
  };
}

async function exists(directory: string, name: string): Promise<boolean> {
  return (await readdir(directory).catch((): string[] => [])).includes(name);
}

/** When a process started, in ticks since the machine did: field 22 of /proc/PID/stat; `undefined` when it runs no more. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the command in brackets and may hold blanks and brackets itself.
  const [state, ...rest] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === 'Z' ? undefined : rest[18];
}

/** Differs from one start of the machine to the next. */
async function bootMark(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '0');
  return id.replaceAll(/[^0-9a-f]/g, '').slice(0, 12);
}
