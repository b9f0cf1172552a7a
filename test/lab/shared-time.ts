import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { SteppedClock } from './stepped-clock.ts';

/**
 * One time for a simulated rack and for the commands that run on it, in processes of their own. It goes forward in steps,
 * and a step is taken only when everybody has had a turn of its event loop since the last one. So a computer that is busy
 * with other things makes time slow, and never makes a machine, a network or a command look slow.
 */
export interface SharedTime {
  readonly clock: Clock;
  /** Time waits for this process from now on, also while it starts; it has to call `followTime`. Needs an IPC channel. */
  join(command: ChildProcess): void;
  /** Resolves when no further step is taken. */
  close(): Promise<void>;
}

/** Not more often than that, so that files and keys, on which no event loop waits, take their share of it. */
const stepEvery = millis(4);

/** `speed`: how many times as fast as ours this time may be. */
export function shareTime({ speed }: { readonly speed: number }): SharedTime {
  if (!(speed > 0)) throw new RangeError(`time cannot run at speed ${speed}`);
  const clock = new SteppedClock(nodeClock);
  const followers = new Set<{ step(at: number): Promise<void> }>();
  const end = new AbortController();
  const span = stepEvery * speed;

  const run = async () => {
    for (let at: number = span; !end.signal.aborted; at += span) {
      await nodeClock.sleep(stepEvery, end.signal);
      clock.stepTo(millis(at));
      await turn();
      await Promise.all([...followers].map((follower) => follower.step(at)));
    }
  };
  const running = run();
  return {
    clock,
    join(command) {
      let answered = Promise.withResolvers<undefined>();
      command.on('message', () => answered.resolve(undefined));
      const hello = answered.promise;
      const gone = Promise.race([once(command, 'exit'), once(command, 'disconnect')]);
      const follower = {
        async step(at: number) {
          await Promise.race([hello, gone]);
          if (!command.connected) return;
          answered = Promise.withResolvers();
          // Whoever is killed at this moment is missed by nobody.
          command.send({ at }, () => undefined);
          await Promise.race([answered.promise, gone]);
        },
      };
      followers.add(follower);
      void gone.finally(() => followers.delete(follower));
    },
    async close() {
      end.abort();
      await running;
    },
  };
}
