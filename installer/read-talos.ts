import { Fault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import { seconds } from '../core/millis.ts';
import { openReading, probeTalosMode, type TalosKeys, type TalosReading } from '../talos/index.ts';

/** Reads the machine at an address now. */
export interface ReadTalos {
  (address: string, signal: AbortSignal): Promise<TalosObservation>;
  /** Closes all connections; the next reading opens its own. */
  close(): void;
}

/**
 * So often a connection is used before another takes its place: a machine in maintenance mode takes a new certificate
 * twice a day, and only a new connection shows it.
 */
const readingsOfConnection = 30;

/**
 * Reads the machine at an address: anybody's in maintenance mode, and ours once it has its config. What cannot change
 * within a boot is read once in it. The connection is kept for the next reading, because three TLS handshakes for each
 * cost more than all that is read; when it fails, the machine may have changed its mode, and is looked at anew at once.
 */
export function readTalos(secrets: { keys(): Promise<TalosKeys | undefined> }, open = openReading): ReadTalos {
  const last = new Map<string, TalosObservation>();
  const kept = new Map<string, { readonly reading: TalosReading; left: number }>();

  const drop = (address: string, reading: TalosReading) => {
    if (kept.get(address)?.reading === reading) kept.delete(address);
    reading.close();
  };
  const readKept = async (address: string, signal: AbortSignal): Promise<TalosObservation | undefined> => {
    const found = kept.get(address);
    if (found === undefined) return undefined;
    const { reading } = found;
    try {
      const observation = await reading.read(last.get(address), { signal });
      found.left -= 1;
      if (found.left <= 0) drop(address, reading);
      return observation;
    } catch (thrown) {
      drop(address, reading);
      if (!signal.aborted && thrown instanceof Fault && thrown.kind !== 'bug') return undefined;
      throw thrown;
    }
  };
  const readAnew = async (address: string, signal: AbortSignal): Promise<TalosObservation> => {
    const keys = await secrets.keys();
    const reading = await open({ address, ...(keys === undefined ? {} : { keys }) }, { signal });
    try {
      const observation = await reading.read(last.get(address), { signal });
      if (kept.has(address)) reading.close();
      else kept.set(address, { reading, left: readingsOfConnection });
      return observation;
    } catch (thrown) {
      reading.close();
      throw thrown;
    }
  };

  const read = async (address: string, signal: AbortSignal) => {
    const observation = (await readKept(address, signal)) ?? (await readAnew(address, signal));
    last.set(address, observation);
    return observation;
  };
  return Object.assign(read, {
    close() {
      for (const [address, { reading }] of kept) drop(address, reading);
    },
  });
}

/** Whether the Talos API answers at an address, whoever it is; rejects soon when not. */
export const knockAtTalos = (address: string, signal: AbortSignal): Promise<unknown> =>
  probeTalosMode({ address }, { signal, deadline: seconds(2) });
