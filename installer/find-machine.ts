import { type Fault, faultFrom } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { Rack } from '../core/rack.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { machineHeld, noAnswer } from './installer-faults.ts';
import { isMeant, resolveMachine } from './resolve-machines.ts';

/** Reads one address now. */
export type Look = (address: string, signal: AbortSignal) => Promise<TalosObservation>;
/** Reads the machine of an entry now. Faults: `installer/no-answer`, `installer/machine-held`. */
export type FindMachine = (entry: MachineSpec, signal: AbortSignal) => Promise<TalosObservation>;

/**
 * Asks for a machine at the address where it was seen last and at the one of its config, both at once, and believes
 * only an answer that carries its identity: an address can be answered by another machine.
 */
export function machineFinder({ spec, rack, look }: { spec: RackSpec; rack: () => Rack; look: Look }): FindMachine {
  return async (entry, signal) => {
    const seen = resolveMachine(entry, spec, rack());
    if (seen.kind === 'held') throw machineHeld({ name: entry.name, reason: seen.reason });
    const last = seen.kind === 'found' ? seen.machine.address : undefined;
    const addresses = new Set([...(last === undefined ? [] : [last]), entry.address]);
    const bugs: Fault[] = [];
    const silent: string[] = [];
    const reasons: string[] = [];
    const answers = [...addresses].map(async (address) => {
      const observation = await look(address, signal).catch((thrown: unknown) => {
        const fault = faultFrom(thrown);
        if (fault.kind === 'bug') bugs.push(fault);
        else if (fault.code === 'talos/unreachable') silent.push(address);
        else reasons.push(fault.message);
        throw fault;
      });
      const macs = observation.links.filter((link) => link.isPhysical).map((link) => link.mac);
      if (!isMeant(entry, { macs, ...(observation.uuid === undefined ? {} : { uuid: observation.uuid }) })) {
        reasons.push(`${address} is answered by another machine, ${macs.join(' ')}`);
        throw noAnswer({ name: entry.name, silent, reasons });
      }
      return observation;
    });
    return Promise.any(answers).catch((thrown: unknown) => {
      if (bugs[0] !== undefined) throw bugs[0];
      throw noAnswer({ name: entry.name, silent: silent.toSorted(), reasons: reasons.toSorted() }, { cause: thrown });
    });
  };
}
