import { type Millis, millis } from './millis.ts';

/** The moment that an event carries, in milliseconds since 1970 UTC; `undefined` when it is no ISO 8601 timestamp. */
export function parseTimestamp(at: string): Millis | undefined {
  // eslint-disable-next-line no-restricted-globals -- reads a text, not the clock
  const value = Date.parse(at);
  return Number.isNaN(value) ? undefined : millis(value);
}

/** The span between two moments; none when either is not known. */
export function spanBetween(from: string | undefined, to: string): Millis {
  const [start, end] = [from === undefined ? undefined : parseTimestamp(from), parseTimestamp(to)];
  return millis(start === undefined || end === undefined ? 0 : Math.max(0, end - start));
}
