import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end and gives what it printed; rejects with its error output when it fails. */
export async function runCommand(
  program: string,
  args: readonly string[],
  cwd?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout } = await execute(program, args, {
      cwd,
      env: { ...process.env, ...env },
      maxBuffer: 64 * 1024 * 1024,
      timeout: 120_000,
    });
    return stdout;
  } catch (thrown) {
    const printed = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr) : '';
    throw new Error(`${program} ${args.join(' ')}: ${printed.trim()}`, { cause: thrown });
  }
}
