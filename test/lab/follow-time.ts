import { nodeClock } from '../../bin/platform/node-clock.ts';
import { millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { SteppedClock } from './stepped-clock.ts';

/** The clock of a process that joined a `SharedTime`. The process ends with whoever leads it. */
export async function followTime(): Promise<Clock> {
  const clock = new SteppedClock(nodeClock);
  const begun = Promise.withResolvers<undefined>();
  process.on('message', ({ at }: { readonly at: number }) => {
    clock.stepTo(millis(at));
    begun.resolve(undefined);
    // Behind the second one lies a whole turn of the event loop, with all that had arrived.
    setImmediate(() => setImmediate(say));
  });
  process.once('disconnect', () => process.exit(1));
  say();
  await begun.promise;
  return clock;
}

const say = () => process.send?.('here');
