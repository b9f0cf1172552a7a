import type { Emit } from '../core/event.ts';
import { faultFrom } from '../core/fault.ts';
import type { Machine, MachineId, TalosObservation } from '../core/machine.ts';
import type { Millis } from '../core/millis.ts';
import type { Clock } from '../core/ports.ts';
import { emptyRack, type Fact, observe, type Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { Look } from './find-machine.ts';
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
  readonly read: (address: string, signal: AbortSignal) => Promise<TalosObservation>;
  /** Told each machine that concerns us, whenever something of it was seen. */
  readonly remember: (machine: Machine) => void;
}

export function watchRack({ spec, clock, emit, read, remember }: RackWatchOptions): RackWatch {
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
    rack = observe(rack, fact);
    for (const machine of rack.machines.values()) tell(machine);
  };

  const look: Look = async (address, signal) => {
    try {
      const observation = await read(address, signal);
      failures.delete(address);
      learn({ kind: 'talos', observation });
      return observation;
    } catch (thrown) {
      if (!signal.aborted) {
        failures.set(address, faultFrom(thrown).message);
        for (const { id, talos } of rack.machines.values())
          if (talos?.address === address) learn({ kind: 'silent', id });
      }
      throw thrown;
    }
  };

  return {
    rack: () => rack,
    observe: learn,
    whyNot: (address) => failures.get(address),
    look,
    async scout(every, signal) {
      const underWay = new Map<string, Promise<unknown>>();
      while (!signal.aborted) {
        const seen = [...rack.machines.values()].filter(concernsUs).flatMap(({ address }) => address ?? []);
        for (const address of new Set([...seen, ...spec.machines.map((entry) => entry.address)])) {
          if (underWay.has(address)) continue;
          const looking = look(address, signal).catch(() => undefined);
          underWay.set(
            address,
            looking.finally(() => underWay.delete(address)),
          );
        }
        await clock.sleep(every, signal);
      }
      await Promise.all(underWay.values());
    },
  };
}
