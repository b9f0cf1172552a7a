import type { StampedEvent } from '../core/event.ts';
import { type Millis, millis } from '../core/millis.ts';
import type { Clock, Files } from '../core/ports.ts';

const lookEvery: Millis = millis(300);
const chunkBytes = 1024 * 1024;

export interface FollowEvents {
  readonly path: string;
  readonly files: Pick<Files, 'open'>;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Whether somebody is at work who may write more. */
  readonly isAlive: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/**
 * The events of the last run in a log, from its beginning: those that are there, and then each that comes, until the run
 * says that it is finished. Ends too when nobody writes any more, and when the signal aborts.
 */
export async function* followEvents({
  path,
  files,
  clock,
  isAlive,
  signal,
}: FollowEvents): AsyncGenerator<StampedEvent> {
  let offset = 0;
  let rest = new Uint8Array();
  let begun: StampedEvent[] = [];
  let isCaughtUp = false;
  while (!signal.aborted) {
    // Asked before reading: whoever has ended by now has written all there is.
    const wasAlive = await isAlive();
    const added = await readFrom(path, offset, files);
    if (added === undefined) {
      // Begun anew by a later run.
      offset = 0;
      rest = new Uint8Array();
      continue;
    }
    offset += added.length;
    const bytes = Buffer.concat([rest, added]);
    const end = bytes.lastIndexOf(10) + 1;
    rest = bytes.subarray(end);
    for (const event of parseEvents(new TextDecoder().decode(bytes.subarray(0, end)))) {
      if (isCaughtUp) yield event;
      else if (event.type === 'run.started') begun = [event];
      else begun.push(event);
      if (isCaughtUp && event.type === 'run.finished') return;
    }
    if (added.length === chunkBytes) continue;
    if (!isCaughtUp) {
      isCaughtUp = true;
      yield* begun;
      if (begun.at(-1)?.type === 'run.finished') return;
    }
    if (!wasAlive) return;
    await clock.sleep(lookEvery, signal);
  }
}

/** What stands in the file from there on, at most a chunk; `undefined` when the file is shorter than that. */
async function readFrom(path: string, offset: number, files: Pick<Files, 'open'>): Promise<Uint8Array | undefined> {
  const file = await files.open(path);
  if (file === undefined) return offset === 0 ? new Uint8Array() : undefined;
  try {
    if (file.sizeBytes < offset) return undefined;
    return await file.read(offset, Math.min(chunkBytes, file.sizeBytes - offset));
  } finally {
    await file.close();
  }
}

/** The events in the text of a log, run after run. */
export function parseEvents(text: string): StampedEvent[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as StampedEvent];
    } catch {
      // Half a line, left by a crash, with the next run's first event behind it.
      return [];
    }
  });
}
