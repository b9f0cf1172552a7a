import { minutes } from '../../core/millis.ts';
import { blocked, done, type Step, todo } from '../../core/step.ts';
import { secretsLost } from '../secrets-faults.ts';

export interface KeepSecrets {
  /** Whether the sealed file is there and opens. */
  readonly exists: (signal: AbortSignal) => Promise<boolean>;
  readonly mint: (signal: AbortSignal) => Promise<void>;
  readonly path: string;
}

/** The cluster's keys: minted once, whole or not at all, since the file appears in one piece. */
export function keepSecrets({ exists, mint, path }: KeepSecrets): Step {
  return {
    id: 'secrets',
    title: 'Mint the keys of the cluster',
    after: [],
    timeout: minutes(2),
    once: true,
    async check(past, signal) {
      if (await exists(signal)) return done;
      if (past.confirmed) throw secretsLost({ path });
      return signal.aborted ? blocked('leaving') : todo('there are none yet', { untouched: true });
    },
    apply: mint,
  };
}
