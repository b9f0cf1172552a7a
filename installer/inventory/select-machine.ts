import { defineFault } from '../../core/fault.ts';
import { parseMac } from '../../core/mac-address.ts';
import type { MachineReport } from '../../core/machine-report.ts';

const machineUnknown = defineFault<{ wanted: string; known: readonly string[] }>('installer/machine-not-known', {
  kind: 'operator',
  exitCode: 4,
  title: ({ wanted }) => `No machine is known as ${wanted}`,
  state: () => 'Nothing was changed.',
  remedy: ({ known }) =>
    known.length === 0
      ? 'No machine was seen so far: boot it, or look for it with --address or --scan.'
      : `Known are ${known.join(', ')}. Look for others with --address or --scan.`,
});

const machineAmbiguous = defineFault<{ wanted: string; fitting: readonly string[] }>('installer/machine-ambiguous', {
  kind: 'operator',
  exitCode: 4,
  title: ({ wanted, fitting }) => `${wanted} is not one machine: ${fitting.join(', ')}`,
  state: () => 'Nothing was changed.',
  remedy: () => 'Name it by a MAC address that is its own.',
});

/** The one machine with this name, MAC address, UUID or address. Faults: none or several are known by it. */
export function selectMachine(machines: readonly MachineReport[], wanted: string): MachineReport {
  const mac = parseMac(wanted);
  const text = wanted.toLowerCase();
  const fitting = machines.filter(
    ({ name, identity, uuid, macs, address }) =>
      name === wanted ||
      [identity, uuid, address].some((one) => one === text) ||
      (mac !== undefined && macs.includes(mac)),
  );
  const [machine] = fitting;
  const nameOf = ({ name, identity }: MachineReport) => name ?? identity;
  if (machine === undefined) throw machineUnknown({ wanted, known: machines.slice(0, 20).map(nameOf) });
  if (fitting.length > 1) throw machineAmbiguous({ wanted, fitting: fitting.map(({ macs }) => macs.join(' ')) });
  return machine;
}
