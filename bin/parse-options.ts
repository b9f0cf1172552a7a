import { InvalidArgumentError } from 'commander';
import { type Millis, minutes } from '../core/millis.ts';

/** Values of an option that may be given several times. */
export const collect = (value: string, values: readonly string[] = []): readonly string[] => [...values, value];

export function parseMinutes(text: string): Millis {
  const count = Number(text);
  if (!Number.isFinite(count) || count <= 0) throw new InvalidArgumentError('must be a number of minutes above 0');
  return minutes(count);
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('must be a whole number above 0');
  return count;
}
