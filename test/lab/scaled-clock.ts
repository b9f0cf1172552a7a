import { millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';

/**
 * The clock of a simulated machine: `speed` 20 lets twenty seconds of its life pass in one of ours. Wall-clock time
 * stays true, because certificates are checked against it by both sides.
 */
export function scaledClock(clock: Clock, speed: number): Clock {
  if (!(speed > 0)) throw new RangeError(`a clock cannot run at speed ${speed}`);
  return {
    now: () => clock.now(),
    monotonic: () => millis(clock.monotonic() * speed),
    sleep: (span, signal) => clock.sleep(millis(span / speed), signal),
  };
}
