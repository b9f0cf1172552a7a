import type { Emit } from '../core/event.ts';
import { faultFrom } from '../core/fault.ts';
import type { Machine, MachineId, TalosObservation } from '../core/machine.ts';
import { type Millis, millis, seconds } from '../core/millis.ts';
import type { Clock } from '../core/ports.ts';
import { emptyRack, type Fact, latestOf, machinesAround, macsOfFact, observe, type Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { Look } from './find-machine.ts';
import type { SubnetScan } from './inventory/scan-subnets.ts';
import type { ReadTalos } from './read-talos.ts';
import { isMeant, reasonToHold } from './resolve-machines.ts';

/** The rack as it is known now, and the two ways in which it becomes known: facts that come by, and going to look. */
export interface RackWatch {
  rack(): Rack;
  observe(fact: Fact): void;
  /** Why the last look at an address saw nothing, in words; `undefined` when it saw something, or nobody looked. */
  whyNot(address: string): string | undefined;
  /** Reads one address now; what it says becomes a fact, and so does its silence. */
  readonly look: Look;
  /** Looks at every address worth looking at, again and again, until the signal aborts. */
  scout(every: Millis, signal: AbortSignal): Promise<void>;
}

export interface RackWatchOptions {
  readonly spec: RackSpec;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly read: ((address: string, signal: AbortSignal) => Promise<TalosObservation>) &
    Partial<Pick<ReadTalos, 'close'>>;
  /** More addresses at which machines may answer, named by the operator. */
  readonly addresses?: readonly string[];
  /** Ranges to look through for machines that nobody has heard of. */
  readonly scan?: SubnetScan;
  /** Told each machine that concerns us, whenever something of it was seen. */
  readonly remember: (machine: Machine) => void;
}

/** What firmware asked for in an earlier run says nothing of this one. */
function withoutBoot(fact: Fact & { readonly kind: 'known' }): Fact {
  const { boot: _, ...machine } = fact.machine;
  return { ...fact, machine };
}

const betweenSweeps: Millis = seconds(30);

/**
 * Scouting goes at this pace at most: all of a rack at once, but a hall of a thousand machines in turns of 20 s, so that those
 * that boot are answered meanwhile. Who waits for one machine looks at it more often.
 */
const looksAtOnce = 20;
const leastBetweenLooks: Millis = millis(200);

export function watchRack(options: RackWatchOptions): RackWatch {
  const { spec, clock, emit, read, remember, addresses = [], scan } = options;
  let rack = emptyRack;
  const said = new Map<MachineId, string>();
  const failures = new Map<string, string>();

  /** Other hosts ask DHCP for an address too; they are none of our business. */
  const concernsUs = (machine: Machine) =>
    machine.boot !== undefined || machine.talos !== undefined || spec.machines.some((entry) => isMeant(entry, machine));

  const tell = (machine: Machine) => {
    if (!concernsUs(machine)) return;
    if (machine.boot !== undefined || machine.talos !== undefined) remember(machine);
    const held = reasonToHold(machine, spec, rack);
    const entry = spec.machines.find((one) => isMeant(one, machine));
    const { talos, address } = machine;
    const news = held ?? (talos === undefined ? undefined : `${talos.address} ${talos.mode} ${talos.stage}`);
    if (news === undefined || said.get(machine.id) === news) return;
    said.set(machine.id, news);
    const [mac] = machine.macs;
    if (held !== undefined && mac !== undefined) {
      emit({ type: 'machine.held', mac, ...(address === undefined ? {} : { address }), reason: held });
    } else if (entry !== undefined && talos !== undefined) {
      emit({ type: 'machine.observed', machine: entry.name, address: talos.address, stage: talos.stage });
    }
  };

  const learn = (fact: Fact) => {
    const macs = macsOfFact(fact, rack);
    // The clock of this computer may be set back while we run; what comes later is later all the same.
    const at = fact.at ?? Math.max(clock.now().getTime(), latestOf(rack) + 1);
    rack = observe(rack, { ...(fact.kind === 'known' ? withoutBoot(fact) : fact), at });
    for (const machine of machinesAround(rack, macs)) tell(machine);
  };

  const look: Look = async (address, signal) => {
    try {
      const observation = await read(address, signal);
      failures.delete(address);
      learn({ kind: 'talos', observation });
      return observation;
    } catch (thrown) {
      if (!signal.aborted) {
        // Who was silent before is still: only what answered since can fall silent.
        const isNews = !failures.has(address);
        failures.set(address, faultFrom(thrown).message);
        if (isNews) {
          for (const { id, talos } of rack.machines.values())
            if (talos?.address === address) learn({ kind: 'silent', id });
        }
      }
      throw thrown;
    }
  };

  /** Machines that come up later are found by the next round. */
  const sweep = async (signal: AbortSignal) => {
    while (scan !== undefined && !signal.aborted) {
      await scan((address) => look(address, signal), signal);
      await clock.sleep(betweenSweeps, signal);
    }
  };

  return {
    rack: () => rack,
    observe: learn,
    whyNot: (address) => failures.get(address),
    look,
    async scout(every, signal) {
      const underWay = new Map<string, Promise<unknown>>();
      /** The one that was looked at longest ago first. */
      const looked = new Set<string>();
      const sweeping = sweep(signal);
      while (!signal.aborted) {
        const seen = [...rack.machines.values()].filter(concernsUs).flatMap(({ address }) => address ?? []);
        const worth = new Set([...seen, ...addresses, ...spec.machines.map((entry) => entry.address)]);
        const next = [...worth.difference(looked), ...looked.intersection(worth)].filter((one) => !underWay.has(one));
        for (const address of next.slice(0, looksAtOnce)) {
          looked.delete(address);
          looked.add(address);
          const looking = look(address, signal).catch(() => undefined);
          underWay.set(
            address,
            looking.finally(() => underWay.delete(address)),
          );
        }
        const share = millis(every / Math.max(1, Math.ceil(worth.size / looksAtOnce)));
        await clock.sleep(share > leastBetweenLooks ? share : leastBetweenLooks, signal);
      }
      await Promise.all([sweeping, ...underWay.values()]);
      read.close?.();
    },
  };
}
