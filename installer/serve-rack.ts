import { resolve } from 'node:path';
import type { Emit } from '../core/event.ts';
import { defineFault } from '../core/fault.ts';
import { parseIpv4, parseIpv4Subnet, subnetContains } from '../core/ipv4.ts';
import type { Journal } from '../core/journal.ts';
import { machineIdOf } from '../core/machine.ts';
import type { Clock, Files, Network } from '../core/ports.ts';
import { machineWithMac } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { type BootService, serveBoots } from '../pxe/index.ts';
import { bootIntent } from './boot-intent.ts';
import { installStepId } from './steps/install-machine.ts';
import type { RackWatch } from './watch-rack.ts';

const interfaceMissing = defineFault<{ name: string; there: readonly string[] }>('installer/interface-missing', {
  kind: 'operator',
  title: ({ name, there }) => `There is no network interface ${name}; there are ${there.join(', ')}`,
  state: () => 'Nothing was started.',
  remedy: () => 'Correct network.interface in the rack file.',
});

const interfaceWithoutAddress = defineFault<{ name: string; subnet: string; has: readonly string[] }>(
  'installer/interface-without-address',
  {
    kind: 'operator',
    title: ({ name, subnet, has }) => `${name} has no address in ${subnet}; it has ${has.join(', ') || 'none'}`,
    state: () => 'Nothing was started.',
    remedy: ({ name, subnet }) =>
      `Give ${name} an address in ${subnet}, or correct network.interface or network.subnet.`,
  },
);

export interface RackService {
  readonly spec: RackSpec;
  /** Folder of the rack file. */
  readonly directory: string;
  readonly watch: RackWatch;
  readonly journal: Journal;
  readonly emit: Emit;
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
}

/** Answers the machines of the rack file on its one interface. Faults: the interface, `platform/*`, `pxe/*`. */
export async function serveRack({ spec, directory, watch, journal, ...ports }: RackService): Promise<BootService> {
  const { amd64, arm64 } = spec.boot.uki;
  return serveBoots({
    ...ports,
    observe: (fact) => watch.observe(fact),
    interfaceName: spec.network.interface,
    serverAddress: serverAddress(spec, ports.network),
    ports: spec.boot.ports,
    ukis: {
      ...(amd64 === undefined ? {} : { amd64: resolve(directory, amd64) }),
      ...(arm64 === undefined ? {} : { arm64: resolve(directory, arm64) }),
    },
    intentOf: ({ mac, uuid }) => {
      const rack = watch.rack();
      const machine = machineWithMac(rack, mac) ?? {
        id: machineIdOf(mac),
        macs: [mac],
        ...(uuid === undefined ? {} : { uuid }),
      };
      // Another machine under an old name is not installed.
      const isInstalled = (name: string) => {
        const { confirmed, memory } = journal.pastOf(installStepId(name));
        return confirmed && machine.macs.some((one) => one === memory?.['mac']);
      };
      return bootIntent(machine, { spec, rack, isInstalled });
    },
  });
}

function serverAddress({ network: { interface: name, subnet } }: RackSpec, network: Network): string {
  const interfaces = network.interfaces();
  const found = interfaces.find((one) => one.name === name);
  if (found === undefined) throw interfaceMissing({ name, there: interfaces.map((one) => one.name) });
  const range = parseIpv4Subnet(subnet);
  const own = found.ipv4.find(({ address }) => {
    const value = parseIpv4(address);
    return range !== undefined && value !== undefined && subnetContains(range, value);
  });
  if (own === undefined) throw interfaceWithoutAddress({ name, subnet, has: found.ipv4.map(({ address }) => address) });
  return own.address;
}
