import type { MacAddress } from './mac-address.ts';
import { type BootSighting, type Machine, type MachineId, machineIdOf, type TalosObservation } from './machine.ts';

/** A thing that was seen. Facts are the only way in which the boot loop and the plan loop meet. */
export type Fact =
  | { readonly kind: 'boot'; readonly mac: MacAddress; readonly uuid?: string; readonly boot: BootSighting }
  | { readonly kind: 'address'; readonly mac: MacAddress; readonly address: string; readonly uuid?: string }
  | { readonly kind: 'talos'; readonly observation: TalosObservation }
  | { readonly kind: 'silent'; readonly id: MachineId };

/** All machines seen so far. Immutable: a new fact gives a new rack. */
export interface Rack {
  readonly machines: ReadonlyMap<MachineId, Machine>;
}

export const emptyRack: Rack = { machines: new Map() };

/**
 * The rack with this fact in it. Two sightings are of the same machine when they share a MAC address of a physical
 * link; an SMBIOS UUID is never used for that, because boards are sold with equal or blank ones.
 */
export function observe(rack: Rack, fact: Fact): Rack {
  switch (fact.kind) {
    case 'boot':
      return put(rack, [fact.mac], (machine) => ({
        ...machine,
        boot: fact.boot,
        ...(fact.uuid === undefined ? {} : { uuid: fact.uuid }),
      }));
    case 'address':
      return put(rack, [fact.mac], (machine) => ({
        ...machine,
        address: fact.address,
        ...(fact.uuid === undefined ? {} : { uuid: fact.uuid }),
      }));
    case 'talos': {
      const { observation } = fact;
      const macs = observation.links.filter((link) => link.isPhysical).map((link) => link.mac);
      return put(rack, macs, (machine) => ({
        ...machine,
        address: observation.address,
        talos: observation,
        ...(observation.uuid === undefined ? {} : { uuid: observation.uuid }),
      }));
    }
    case 'silent': {
      const machine = rack.machines.get(fact.id);
      if (machine?.talos === undefined) return rack;
      const { talos: _, ...rest } = machine;
      return { machines: new Map(rack.machines).set(fact.id, rest) };
    }
  }
}

export function machineWithMac(rack: Rack, mac: MacAddress): Machine | undefined {
  return rack.machines.values().find((machine) => machine.macs.includes(mac));
}

/** Updates the one machine that owns any of these MACs; machines that turn out to be one are joined. */
function put(rack: Rack, macs: readonly MacAddress[], change: (machine: Machine) => Machine): Rack {
  const [first] = macs;
  if (first === undefined) return rack;
  const same = [...rack.machines.values()].filter((machine) => machine.macs.some((mac) => macs.includes(mac)));
  const machines = new Map(rack.machines);
  for (const machine of same) machines.delete(machine.id);
  const joined = same.reduceRight<Machine>((all, machine) => ({ ...all, ...machine }), {
    id: machineIdOf(first),
    macs: [],
  });
  const known: Machine = { ...joined, macs: [...new Set([...same.flatMap((machine) => machine.macs), ...macs])] };
  return { machines: machines.set(known.id, change(known)) };
}
