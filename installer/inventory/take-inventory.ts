import { Fault, faultFrom } from '../../core/fault.ts';
import type { TalosObservation } from '../../core/machine.ts';
import type { Clock } from '../../core/ports.ts';
import { emptyRack, latestOf, observe, type Rack } from '../../core/rack.ts';
import type { Inventory } from './open-inventory.ts';
import type { SubnetScan } from './scan-subnets.ts';

export interface TakeOptions {
  readonly inventory: Inventory;
  /** Where to look besides the addresses that the machines of the inventory took last. */
  readonly addresses: readonly string[];
  readonly scan?: SubnetScan | undefined;
  /** Only what is known already. */
  readonly isCached: boolean;
  readonly signal: AbortSignal;
}

export interface TakePorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly read: (address: string, signal: AbortSignal) => Promise<TalosObservation>;
}

/** Somebody answers at an address, or was named there, who does not tell which machine it is. */
export interface Unidentified {
  readonly address: string;
  readonly reason: string;
}

const inFlight = 64;

/** Looks once at every machine that is known or named, and notes what it sees. Only reads; silence is no failure. */
export async function takeInventory(
  { inventory, addresses, scan, isCached, signal }: TakeOptions,
  { clock, read }: TakePorts,
): Promise<{ readonly rack: Rack; readonly unidentified: readonly Unidentified[] }> {
  let rack: Rack = inventory.facts.reduce(observe, emptyRack);
  if (isCached) return { rack, unidentified: [] };
  const unidentified = new Map<string, string>();
  const looked = new Set<string>();
  const look = async (address: string) => {
    if (looked.has(address)) return;
    looked.add(address);
    try {
      const observation = await read(address, signal);
      rack = observe(rack, { kind: 'talos', observation, at: Math.max(clock.now().getTime(), latestOf(rack) + 1) });
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      const isSilent = thrown.code === 'talos/unreachable';
      if (!isSilent || addresses.includes(address)) unidentified.set(address, faultFrom(thrown).message);
    }
  };
  const known = [...rack.machines.values()].flatMap(({ address }) => address ?? []);
  const waiting = [...new Set([...known, ...addresses])].reverse();
  const worker = async () => {
    for (let address = waiting.pop(); address !== undefined && !signal.aborted; address = waiting.pop()) {
      await look(address);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  await scan?.(look, signal);
  for (const machine of rack.machines.values()) if (machine.talos !== undefined) inventory.note(machine);
  return { rack, unidentified: [...unidentified].map(([address, reason]) => ({ address, reason })) };
}
