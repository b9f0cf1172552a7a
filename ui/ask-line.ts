import { createInterface } from 'node:readline';
import type { Sink } from './sink.ts';

export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

/**
 * The line that the operator types, without its line break; `undefined` at the end of the input and when `signal`
 * aborts. The terminal keeps its line discipline: it echoes, edits the line, and turns Ctrl-C into a signal.
 */
export async function askLine(
  question: string,
  { input, sink }: { readonly input: InputStream; readonly sink: Sink },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (signal.aborted) return undefined;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const lines = createInterface({ input, terminal: false });
  const leave = () => resolve(undefined);
  lines.once('line', resolve);
  lines.once('close', leave);
  signal.addEventListener('abort', leave, { once: true });
  sink.write(question);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', leave);
    lines.close();
  }
}
