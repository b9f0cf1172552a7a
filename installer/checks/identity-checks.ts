import { isTellingUuid } from '../../core/smbios-uuid.ts';
import { reasonToHold } from '../resolve-machines.ts';
import { fail, type MachineCheck, notAnswering, pass, unknown } from './check.ts';

const hostName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether it is there, whether it is the one that is meant, and what it will be called. */
export const identityChecks: readonly MachineCheck[] = [
  {
    id: 'reachable',
    title: 'Talos answers in maintenance mode',
    judge: ({ entry, machine, talos }) => {
      if (talos?.mode === 'maintenance') return pass(`Talos ${talos.version} answers at ${talos.address}.`);
      if (talos !== undefined)
        return fail(
          `${entry.name} has a config already: Talos at ${talos.address} is ${talos.stage}.`,
          'Reset the machine, or take it out of this plan.',
        );
      if (machine?.lastReading !== undefined)
        return unknown(
          `${entry.name} answered at ${machine.lastReading.observation.address} before, and does not now.`,
          'Look at its console and its network port.',
        );
      return notAnswering(entry.name);
    },
  },
  {
    id: 'identity',
    title: 'it is one machine, and the one that is meant',
    isFinal: true,
    judge: ({ spec, entry, rack, machine }) => {
      if (machine === undefined) return notAnswering(entry.name);
      const { uuid, macs, conflicts = [] } = machine;
      const [conflict] = conflicts;
      if (conflict !== undefined)
        return fail(
          `${conflict.mac} is a MAC address of ${[entry.name, ...conflict.others].join(' and ')}.`,
          'Take the card that was moved out of one of them, or power one of them off.',
        );
      const held = reasonToHold(machine, spec, rack);
      if (held !== undefined)
        return fail(`${entry.name} cannot be told from another: ${held}.`, 'Correct uuid or mac in the rack file.');
      if (uuid !== undefined && isTellingUuid(uuid))
        return pass(`It is uuid ${uuid} with ${macs.length} MAC addresses.`);
      if (entry.mac !== undefined)
        return pass(`Its UUID ${uuid ?? 'is not there'} tells nothing; its MAC address ${entry.mac} does.`);
      if (uuid === undefined)
        return unknown(`${entry.name} has not said its UUID.`, `Give ${entry.name} a mac in the rack file.`);
      return fail(
        `${uuid} is a UUID that many boards are sold with, and the entry names no MAC address.`,
        `Give ${entry.name} a mac in the rack file.`,
      );
    },
  },
  {
    id: 'hostname',
    title: 'the host name is valid and unique',
    isOfFile: true,
    judge: ({ spec, entry: { name } }) => {
      if (!hostName.test(name) || name === 'localhost')
        return fail(`${name} is no host name.`, 'Use a-z, 0-9 and -, at most 63 characters, and not localhost.');
      const same = spec.machines.filter((other) => other.name === name).length;
      if (same > 1) return fail(`${same} machines are called ${name}.`, 'Give each a name of its own.');
      return pass(`${name} is valid and used once.`);
    },
  },
  {
    id: 'bmc',
    title: 'the management controller answers',
    judge: ({ entry, probes: { bmc } }) => {
      if (bmc === undefined)
        return unknown(
          `The rack file names no management controller of ${entry.name}.`,
          'Name it as bmc.address of the machine; without one, a hung machine can only be power-cycled by hand.',
        );
      if (bmc.kind === 'answers') return pass(`${bmc.address} answers (${bmc.why}).`);
      return fail(`${bmc.address} does not answer: ${bmc.why}.`, 'Look at its cable, its VLAN and its address.');
    },
  },
];
