import type { TalosObservation } from '../core/machine.ts';
import { observeTalos } from '../talos/index.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';

/** Reads the machine at an address: anybody's in maintenance mode, and ours once it has its config. */
export function readTalos(secrets: ClusterSecrets) {
  return async (address: string, signal: AbortSignal): Promise<TalosObservation> => {
    const keys = await secrets.keys();
    return observeTalos({ address, signal, ...(keys === undefined ? {} : { keys }) });
  };
}
