import type { StampedEvent } from '../core/event.ts';
import type { Files } from '../core/ports.ts';

/** Where the events of a rack's runs are kept, in its state directory: a line of JSON each, run after run. */
export const eventLogPath = (stateDirectory: string): string => `${stateDirectory}/events.jsonl`;

export interface EventLog {
  /** Returns at once; the event reaches the disk soon. */
  note(event: StampedEvent): void;
  /** Resolves when everything noted is on the disk. */
  close(): Promise<void>;
}

/** Earlier runs are forgotten when the log has grown to this; what counts of them is in the journal. */
const enoughBytes = 16 * 1024 * 1024;

/**
 * Keeps the events of a run, so that closing the screen loses nothing and others can look on. A log that cannot be written
 * is given up without a word: it is only there to be looked at, and what has to be known is in the journal.
 */
export async function recordEvents(
  stateDirectory: string,
  files: Pick<Files, 'open' | 'appendDurably' | 'writeAtomically'>,
): Promise<EventLog> {
  const path = eventLogPath(stateDirectory);
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let isLost = false;

  const write = async () => {
    while (waiting.length > 0 && !isLost) {
      const lines = waiting.splice(0).join('');
      await files.appendDurably(path, lines).catch(() => {
        isLost = true;
      });
    }
    writing = undefined;
  };

  const file = await files.open(path).catch(() => undefined);
  await file?.close();
  if ((file?.sizeBytes ?? 0) >= enoughBytes) await files.writeAtomically(path, '', 0o600).catch(() => undefined);
  // A crash may have left half a line, which must not take the first event of this run with it.
  else if ((file?.sizeBytes ?? 0) > 0) waiting.push('\n');
  return {
    note(event) {
      if (isLost) return;
      waiting.push(`${JSON.stringify(event)}\n`);
      writing ??= write();
    },
    async close() {
      await writing;
      waiting = [];
    },
  };
}
