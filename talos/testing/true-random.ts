import type { Random } from '../../core/ports.ts';

export const trueRandom: Random = { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) };
