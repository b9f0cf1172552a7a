import { Fault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import { hostAndPort, type TalosTarget } from './open-channel.ts';
import { probeCertificate } from './probe-certificate.ts';
import { probeTalosMode } from './probe-talos-mode.ts';
import { readMachine } from './read-machine.ts';
import { connectTalos } from './talos-client.ts';
import { talosConfiguredByOthers, talosUnreachable } from './talos-faults.ts';

/** A connection to a machine whose mode is known, over which it is read again and again. */
export interface TalosReading {
  /**
   * Reads it now. `before`, an earlier reading: what cannot change within a boot is taken from it when it is of the same
   * boot. Any fault means that this connection has seen its day: a machine that has changed its mode needs another.
   */
  read(before: TalosObservation | undefined, options: { signal?: AbortSignal }): Promise<TalosObservation>;
  close(): void;
}

/**
 * Finds out which mode the machine is in, and connects accordingly: keys are used only when the machine asks for a
 * certificate, so that the same call serves before and after its installation. What a Talos version does not have is
 * absent from the readings. Faults, also of each reading: `talos/unreachable` and its like while it boots;
 * `talos/configured-by-others` when it wants a certificate and there are no keys, `talos/foreign-certificate` when there
 * are but the machine is of another cluster.
 */
export async function openReading(target: TalosTarget, options: { signal?: AbortSignal }): Promise<TalosReading> {
  const { keys, ...where } = target;
  const mode = await probeTalosMode(where, options);
  if (mode === 'configured' && keys === undefined) throw talosConfiguredByOthers({ at: hostAndPort(where) });
  // Nobody vouches for a machine in maintenance mode; but all that is read is of the one that showed this certificate.
  const shown = mode === 'maintenance' ? await probeCertificate(where, options) : undefined;
  const client = connectTalos({
    ...where,
    ...(shown === undefined ? {} : { pinned: shown.pem }),
    ...(mode === 'configured' && keys !== undefined ? { keys } : {}),
  });
  const identity = shown === undefined ? {} : { fingerprint: shown.fingerprint };
  return {
    async read(before, readOptions) {
      try {
        return { address: target.address, mode, ...identity, ...(await readMachine(client, before, readOptions)) };
      } catch (fault) {
        // Between the probe and the reading it took on its config: the next observation sees that.
        if (mode === 'maintenance' && isFault(fault, 'talos/certificate-required')) {
          throw talosUnreachable({ at: hostAndPort(where), call: 'a reading', reason: 'it left maintenance mode' });
        }
        throw fault;
      }
    },
    close: () => client.close(),
  };
}

const isFault = (thrown: unknown, code: string): boolean => thrown instanceof Fault && thrown.code === code;
