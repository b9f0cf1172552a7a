import { millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';

/** The longest span that a timer of Node holds; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** The machine's clock. `sleep` keeps the process alive while it lasts. */
export const nodeClock: Clock = {
  now: () => new Date(),
  monotonic: () => millis(performance.now()),
  sleep: (span, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(span, longestTimer));
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
