import { faultFrom } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { Rack } from '../core/rack.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import { noAnswer, severalMachines } from './installer-faults.ts';
import { isMeant, resolveMachine } from './resolve-machines.ts';

/** Reads one address now. */
export type Look = (address: string, signal: AbortSignal) => Promise<TalosObservation>;
/** Reads the machine of an entry now. Faults: `installer/no-answer`, `installer/several-machines`. */
export type FindMachine = (entry: MachineSpec, signal: AbortSignal) => Promise<TalosObservation>;

/**
 * Asks for a machine at the address where it was seen last and at the one of its config, both at once, and believes
 * only an answer that carries its identity: an address can be answered by another machine.
 */
export function machineFinder({ rack, look }: { rack: () => Rack; look: Look }): FindMachine {
  return async (entry, signal) => {
    const seen = resolveMachine(entry, rack());
    if (seen.kind === 'ambiguous') {
      throw severalMachines({ name: entry.name, macs: seen.machines.map((machine) => machine.macs.join(' ')) });
    }
    const last = seen.kind === 'found' ? seen.machine.address : undefined;
    const addresses = new Set([...(last === undefined ? [] : [last]), entry.address]);
    const silent: string[] = [];
    const reasons: string[] = [];
    const answers = [...addresses].map(async (address) => {
      const observation = await look(address, signal).catch((thrown: unknown) => {
        const fault = faultFrom(thrown);
        if (fault.code === 'talos/unreachable') silent.push(address);
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
      throw noAnswer({ name: entry.name, silent: silent.toSorted(), reasons: reasons.toSorted() }, { cause: thrown });
    });
  };
}
