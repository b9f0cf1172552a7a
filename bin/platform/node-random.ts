import { randomBytes } from 'node:crypto';
import type { Random } from '../../core/ports.ts';

/** The system's generator, fit for keys. */
export const nodeRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };
