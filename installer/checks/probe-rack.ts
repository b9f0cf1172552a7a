import { parseIpv4 } from '../../core/ipv4.ts';
import type { TalosObservation } from '../../core/machine.ts';
import type { Rack } from '../../core/rack.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { installerImage } from '../../talos/index.ts';
import type { RackPorts } from '../open-rack.ts';
import { resolveMachine } from '../resolve-machines.ts';
import { probeAddress } from './probe-address.ts';
import { probeClock } from './probe-clock.ts';
import { probeDns } from './probe-dns.ts';
import { parseReference, probeImage } from './probe-image.ts';
import type { MachineProbes, Probes, RackProbes } from './probes.ts';

interface ProbeInput {
  readonly spec: RackSpec;
  readonly rack: Rack;
  readonly ports: RackPorts;
  readonly signal: AbortSignal;
}

/** So many machines are asked at a time. */
const atOnce = 32;

/** Asks everything that the checks want to know and that no machine says of itself. Only reads; never rejects. */
export async function probeRack(names: readonly string[], input: ProbeInput): Promise<Probes> {
  const machines = new Map<string, MachineProbes>();
  const roundTrips = new Map<string, number>();
  const waiting = [...names];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const probes = await probeMachine(name, input);
      machines.set(name, probes);
      if (probes.roundTrip !== undefined) roundTrips.set(name, probes.roundTrip);
    }
  };
  const [rack] = await Promise.all([probeWhole(input), ...Array.from({ length: atOnce }, worker)]);
  return { rack: { ...rack, roundTrips }, machines };
}

/** What is asked about one machine, as it is now. Never rejects. */
export async function probeMachine(name: string, { spec, rack, ports, signal }: ProbeInput): Promise<MachineProbes> {
  const entry = spec.machines.find((one) => one.name === name);
  if (entry === undefined) return {};
  const resolution = resolveMachine(entry, spec, rack);
  const machine = resolution.kind === 'found' ? resolution.machine : undefined;
  const talos: TalosObservation | undefined = machine?.talos;
  const interfaceName = spec.network.interface;
  const [address, spoken] = await Promise.all([
    probeAddress(entry.address, { ...ports, interfaceName, expected: machine?.macs ?? [] }, signal),
    talos === undefined ? undefined : probeClock(talos, ports.clock, signal),
  ]);
  return { address, ...spoken };
}

async function probeWhole({ spec, rack, ports, signal }: ProbeInput): Promise<RackProbes> {
  const { network, registries } = spec;
  const reference = installerImage(spec);
  const name = parseReference(reference).host.replace(/:\d+$/, '');
  const who = (address: string) =>
    probeAddress(
      address,
      {
        ...ports,
        interfaceName: network.interface,
        expected: [...rack.machines.values()].flatMap(({ macs }) => macs),
      },
      signal,
    );
  const [vip, gateway, answer, dns] = await Promise.all([
    who(network.vip),
    network.gateway === undefined ? undefined : who(network.gateway),
    probeImage(reference, registries, ports.askHttp, signal),
    // A registry that is named by its address needs no name server.
    parseIpv4(name) !== undefined
      ? undefined
      : Promise.all(
          network.nameservers.map(async (server) => [server, await probeDns(server, name, ports, signal)] as const),
        ),
  ]);
  return {
    vip,
    ...(gateway === undefined ? {} : { gateway }),
    image: { reference, answer },
    ...(dns === undefined ? {} : { dns: { name, answers: new Map(dns) } }),
  };
}
