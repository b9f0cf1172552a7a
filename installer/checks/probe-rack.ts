import { parseIpv4 } from '../../core/ipv4.ts';
import type { TalosObservation } from '../../core/machine.ts';
import type { Rack } from '../../core/rack.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { installerImage } from '../../talos/index.ts';
import type { RackPorts } from '../open-rack.ts';
import { resolveMachine } from '../resolve-machines.ts';
import { usualMtu } from './link-checks.ts';
import { probeAddress } from './probe-address.ts';
import { probeBmc } from './probe-bmc.ts';
import { probeClock } from './probe-clock.ts';
import { probeDns } from './probe-dns.ts';
import { parseReference, probeImage } from './probe-image.ts';
import { probeOwnClock } from './probe-own-clock.ts';
import { probePackets } from './probe-packets.ts';
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
  const link = ports.network.interfaces().find((one) => one.name === interfaceName);
  // What is larger than its port takes now says nothing of the way.
  const carrier = talos?.addresses.find(({ cidr }) => cidr.split('/')[0] === talos.address)?.link;
  const takes = talos?.links.find(({ name: port }) => port === carrier)?.mtu ?? usualMtu;
  const wantedBytes = Math.min(entry.network?.mtu ?? usualMtu, takes);
  const trying =
    talos === undefined
      ? Promise.resolve(undefined)
      : probePackets(talos.address, { wantedBytes, knockUdp: ports.knockUdp, link }, signal);
  // The same machine refuses only so many datagrams in a second: it is not asked for both at the same time.
  const before = talos?.address === entry.address ? trying : undefined;
  const asking = async () => {
    await before;
    return probeAddress(entry.address, { ...ports, interfaceName, expected: machine?.macs ?? [] }, signal);
  };
  const [address, packets, spoken, bmc] = await Promise.all([
    asking(),
    trying,
    talos === undefined ? undefined : probeClock(talos, ports.clock, signal),
    entry.bmc === undefined ? undefined : probeBmc(entry.bmc.address, ports, signal),
  ]);
  return {
    address,
    ...(packets === undefined ? {} : { packets }),
    ...(bmc === undefined ? {} : { bmc }),
    ...spoken,
  };
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
  const [vip, gateway, ownClock, answer, dns] = await Promise.all([
    who(network.vip),
    network.gateway === undefined ? undefined : who(network.gateway),
    probeOwnClock(spec, ports, signal),
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
    ownClock,
    ...(gateway === undefined ? {} : { gateway }),
    image: { reference, answer },
    ...(dns === undefined ? {} : { dns: { name, answers: new Map(dns) } }),
  };
}
