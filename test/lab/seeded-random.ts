import type { Millis } from '../../core/millis.ts';
import { millis } from '../../core/millis.ts';
import type { Random } from '../../core/ports.ts';

/** Chance that repeats itself: the same seed gives the same machines, the same losses and the same hesitations. */
export interface SeededRandom extends Random {
  /** At least 0, below 1. */
  fraction(): number;
  /** All 64 bits used, never 0: etcd's member IDs are of this kind. */
  uint64(): bigint;
  /** The span give or take a fifth, so that machines do not move in step. */
  around(span: Millis): Millis;
}

/** A xorshift generator (Marsaglia 2003, period 2^32 − 1) whose state comes from the text by FNV-1a. */
export function seededRandom(seed: string): SeededRandom {
  let state = 0x811c9dc5;
  for (const octet of new TextEncoder().encode(seed)) state = Math.imul(state ^ octet, 0x01000193) >>> 0;
  if (state === 0) state = 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
  for (let warmUp = 0; warmUp < 8; warmUp++) next();
  const fraction = () => next() / 2 ** 32;
  return {
    fraction,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() >>> 24),
    uint64: () => (BigInt(next()) << 32n) | BigInt(next()),
    around: (span) => millis(span * (0.8 + 0.4 * fraction())),
  };
}
