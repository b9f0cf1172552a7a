import { identityMacs } from '../../core/machine.ts';
import { parseTimestamp } from '../../core/timestamp.ts';
import { fail, type MachineCheck, notAnswering, pass, unknown } from './check.ts';

const mostAhead = 5000;
const slightlyAhead = 1000;

/** Whether its address is its own, and its clock right. */
export const addressChecks: readonly MachineCheck[] = [
  {
    id: 'address-free',
    title: 'nobody else has its address',
    judge: ({ entry, rack, machine, talos, probes: { address } }) => {
      if (machine === undefined || talos === undefined) return notAnswering(entry.name);
      const hint = `Find out who it is (its MAC address is in the table of a switch), or give ${entry.name} another address.`;
      const other = [...rack.machines.values()].find(
        (one) => one.id !== machine.id && one.talos?.addresses.some(({ cidr }) => cidr.split('/')[0] === entry.address),
      );
      if (other !== undefined) return fail(`${entry.address} is the address of ${other.macs.join(' ')}.`, hint);
      if (address === undefined || address.kind === 'unasked')
        return unknown(`Who has ${entry.address} was not asked: ${address?.why ?? 'not yet'}.`, hint);
      if (address.kind === 'ourselves') return fail(`${entry.address} is an address of this computer.`, hint);
      if (address.kind === 'nobody') return pass(`Nobody answers for ${entry.address}.`);
      if (machine.macs.includes(address.mac) || identityMacs(talos).includes(address.mac))
        return pass(`${entry.address} is its own already.`);
      return fail(`${address.mac} answers for ${entry.address}, and is none of its ports.`, hint);
    },
  },
  {
    id: 'clock',
    title: 'its clock is right',
    judge: ({ entry, talos, probes: { clock }, now }) => {
      if (talos === undefined) return notAnswering(entry.name);
      const hint =
        'Set the clock of the machine in its firmware or management controller, or correct that of this computer.';
      if (clock?.kind === 'told') {
        const { aheadOfUs, roundTrip } = clock;
        const says = `Its clock is ${seconds(Math.abs(aheadOfUs))} ${aheadOfUs < 0 ? 'behind' : 'ahead of'} this computer's`;
        if (Math.abs(aheadOfUs) - roundTrip > mostAhead)
          return fail(`${says}: etcd and certificates do not stand that.`, hint);
        return pass(Math.abs(aheadOfUs) > slightlyAhead ? `${says}, which is more than it should be.` : `${says}.`);
      }
      const started = parseTimestamp(talos.bootMark) ?? now;
      if (started - now > mostAhead)
        return fail(`Its clock says that it was started ${seconds(started - now)} from now.`, hint);
      return unknown(
        `Its clock was not read: ${clock?.why ?? 'not yet'}.`,
        'Talos before v1.13 does not tell it in maintenance mode.',
      );
    },
  },
  {
    id: 'time-sync',
    title: 'it reaches its time server, and agrees with it',
    judge: ({ entry, talos, probes: { clock } }) => {
      if (talos === undefined) return notAnswering(entry.name);
      if (clock?.kind !== 'told')
        return unknown(
          `What its time server says is not known: ${clock?.why ?? 'not asked yet'}.`,
          'Name network.timeServers that it reaches.',
        );
      const { server, aheadOfServer } = clock;
      const says = `Its clock is ${seconds(Math.abs(aheadOfServer))} ${aheadOfServer < 0 ? 'behind' : 'ahead of'} ${server}.`;
      if (Math.abs(aheadOfServer) <= mostAhead) return pass(says);
      return fail(says, 'Wait for it to be set, or set the clock of the machine.');
    },
  },
];

const seconds = (span: number): string => `${(span / 1000).toFixed(1)} s`;
