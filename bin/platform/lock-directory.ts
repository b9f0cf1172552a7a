import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailed, heldByAnother } from './platform-faults.ts';
import { reasonOf } from './system-error.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

const lockName = /^writer-(\d+)-(\d+)-([0-9a-f]+)\.lock$/;

/**
 * Makes this process the one writer of a directory on this machine. Fault `platform/held-by-another` (exit code 5) names
 * the process that is; the lock of a process that ended in any way, SIGKILL and power cut included, does not count.
 *
 * Each process puts down a file that names it: pid, start time and boot, so that a pid used again is not taken for it.
 * Then it looks whether a file of another living process is there, and if so takes its own away. Of two that start at the
 * same moment both may leave, but never both stay, and nobody ever removes a file that counts.
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
  for (const name of await readdir(directory)) {
    const holder = lockName.exec(name);
    if (name === own || holder === null) continue;
    const [, pid, startTime, bootOfHolder] = holder;
    const isAlive = bootOfHolder === boot && (await startTimeOf(Number(pid))) === startTime;
    if (isAlive) {
      await release();
      throw heldByAnother({ directory, pid: Number(pid) });
    }
    await rm(join(directory, name), { force: true });
  }
  return { release };
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
