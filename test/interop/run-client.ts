import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a foreign client to its end; gives its exit code and all that it printed. */
export async function runClient(program: string, args: readonly string[]): Promise<{ code: number; printed: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, printed };
}
