import { Fault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { TalosClient } from '../talos/index.ts';

/** What a machine says of its install while it goes on, and what it said last when it has failed. */
export interface InstallProgress {
  /** Begins to listen, once for each boot; gives what is done right now, in Talos' words, as far as it is known. */
  follow(observation: TalosObservation): string | undefined;
  /** The last lines before the install broke off; of the log of the boot after it when nobody could listen before. */
  lastWords(observation: TalosObservation, signal: AbortSignal): Promise<readonly string[]>;
}

export interface InstallProgressOptions {
  /** With our keys, or to the machine in maintenance mode that was observed. */
  readonly connect: (
    observation: TalosObservation,
  ) => Promise<Pick<TalosClient, 'events' | 'dmesg' | 'close'> | undefined>;
}

const keptLines = 15;

/**
 * Listens to a machine that installs itself. From Talos 1.13 on a control plane answers holders of our keys while it does;
 * 1.11 and 1.12 are silent until they have rebooted, and so is every worker until a control plane has signed its
 * certificate. The reboot after a failed install takes the log with it, so it is kept while it is there to be heard.
 */
export function installProgress({ connect }: InstallProgressOptions): InstallProgress {
  let followed: string | undefined;
  let doing: string | undefined;
  let heard: string[] = [];

  const note = (line: string) => {
    heard = [...heard, line].slice(-keptLines);
  };
  const listenToEvents = async (client: Pick<TalosClient, 'events'>) => {
    for await (const event of client.events({ past: 'all' })) {
      if (event.type === 'phase' && event.action === 'START') doing = event.phase;
      if (event.type === 'task' && event.action === 'START') doing = event.task;
      if (event.type === 'sequence' && event.error !== undefined) {
        note(`${event.sequence}: ${event.error.code} ${event.error.message}`);
      }
    }
  };
  const listenToLog = async (client: Pick<TalosClient, 'dmesg'>) => {
    for await (const line of linesOf(client.dmesg({ follow: true }))) note(line);
  };

  return {
    follow(observation) {
      if (observation.mode === 'configured' && followed !== observation.bootMark) {
        followed = observation.bootMark;
        [doing, heard] = [undefined, []];
        // Ends with the connection, which the reboot at the end of every install takes away. What cannot be heard is missed.
        void connect(observation)
          .then((client) =>
            client === undefined
              ? undefined
              : Promise.allSettled([listenToEvents(client), listenToLog(client)]).finally(() => client.close()),
          )
          .catch(() => undefined);
      }
      return doing;
    },
    async lastWords(observation, signal) {
      if (heard.length > 0) return heard;
      const client = await connect(observation).catch(() => undefined);
      if (client === undefined) return [];
      try {
        const lines: string[] = [];
        for await (const line of linesOf(client.dmesg({}, { signal }))) {
          lines.push(line);
          if (lines.length > keptLines) lines.shift();
        }
        return lines;
      } catch (thrown) {
        // Talos before 1.13 shows no log in maintenance mode.
        if (thrown instanceof Fault) return [];
        throw thrown;
      } finally {
        client.close();
      }
    },
  };
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
}
