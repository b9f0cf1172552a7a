import type { World } from './world.ts';

export interface Leaving {
  /** First request: what is in flight is finished, nothing new is started. */
  readonly pause: AbortSignal;
  /** Second request: leave as soon as it is safe. */
  readonly stop: AbortSignal;
  forget(): void;
}

/** Turns requests to leave into the two signals of the plan engine; the third one ends the process at once. */
export function leaveOnInterrupt(world: Pick<World, 'onInterrupt' | 'exit'>, onFirst: () => void): Leaving {
  const pause = new AbortController();
  const stop = new AbortController();
  const forget = world.onInterrupt(() => {
    if (!pause.signal.aborted) {
      pause.abort();
      onFirst();
    } else if (!stop.signal.aborted) {
      stop.abort();
    } else {
      world.exit(130);
    }
  });
  return { pause: pause.signal, stop: stop.signal, forget };
}
