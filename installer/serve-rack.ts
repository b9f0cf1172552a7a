import { resolve } from 'node:path';
import type { Emit } from '../core/event.ts';
import { defineFault } from '../core/fault.ts';
import { parseIpv4, parseIpv4Subnet, subnetContains } from '../core/ipv4.ts';
import type { Journal } from '../core/journal.ts';
import type { Millis } from '../core/millis.ts';
import type { Clock, Files, Network, NetworkInterface, Random } from '../core/ports.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { type AssetCache, ConfigUrls, findLoaders, serveBoots, type Ukis } from '../pxe/index.ts';
import { pinnedCommandLines, pinnedUkis, rackAssets } from './asset-site.ts';
import { chooseBoots } from './choose-boots.ts';
import { openDhcp } from './open-dhcp.ts';
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
  readonly stateDirectory: string;
  readonly cache: AssetCache;
  readonly watch: RackWatch;
  readonly journal: Journal;
  readonly emit: Emit;
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  /** For how long machines that nobody named are given Talos, too. */
  readonly discoverFor?: Millis | undefined;
  /** Interfaces that are served although they are wireless or have the default route, beside those of the rack file. */
  readonly allowInterfaces?: readonly string[] | undefined;
}

/**
 * Answers the machines of the rack file on its interface, and gives them addresses where the rack file says so. Faults: the
 * interface, `platform/*`, `pxe/*`.
 */
export async function serveRack(options: RackService): Promise<{ close(): Promise<void> }> {
  const { spec, directory, watch, journal, cache, discoverFor, allowInterfaces = [], ...ports } = options;
  const { network, files, clock } = ports;
  const address = addressIn(spec.network, network);
  const assets = spec.boot.assets === undefined ? undefined : rackAssets({ spec, directory, cache });
  const ukis = assets === undefined ? ukisOf(spec, directory) : await pinnedUkis(assets, files);
  const commandLines = assets === undefined ? {} : await pinnedCommandLines(assets, files);
  const loaders = await findLoaders(
    files,
    spec.boot.ipxe === undefined ? undefined : resolve(directory, spec.boot.ipxe),
  );
  const { choose, note } = chooseBoots({ spec, watch, journal, clock, emit: ports.emit, discoverFor });
  const emit: Emit = (event) => {
    ports.emit(event);
    note(event);
  };
  const dhcp = await openDhcp({ ...ports, emit, spec, serverAddress: address });
  try {
    const boots = await serveBoots({
      ...ports,
      emit,
      observe: (fact) => {
        watch.observe(fact);
        if (fact.kind === 'boot') choose.seen(fact.mac, fact.uuid);
      },
      interfaces: [
        { name: spec.network.interface, address, dhcp: dhcp.mode },
        ...spec.boot.interfaces.map((name) => ({ name, address: firstAddress(name, network) })),
      ],
      allowInterfaces: [...spec.boot.allowInterfaces, ...allowInterfaces],
      singleTftpPort: spec.boot.singleTftpPort,
      ports: spec.boot.ports,
      ukis,
      commandLines,
      configUrls: new ConfigUrls(ports),
      loaders: Object.fromEntries(loaders.map(({ name, path }) => [name, path])),
      intentOf: ({ mac, uuid }) => choose.intent(mac, uuid),
    });
    return {
      close: async () => {
        await boots.close();
        await dhcp.close();
      },
    };
  } catch (thrown) {
    await dhcp.close();
    throw thrown;
  }
}

function ukisOf({ boot: { uki } }: RackSpec, directory: string): Ukis {
  const { amd64, arm64 } = uki;
  return {
    ...(amd64 === undefined ? {} : { amd64: resolve(directory, amd64) }),
    ...(arm64 === undefined ? {} : { arm64: resolve(directory, arm64) }),
  };
}

/** Of an interface that is served beside the one of the rack. */
function firstAddress(name: string, network: Network): string {
  const [first] = interfaceNamed(name, network).ipv4;
  if (first === undefined) throw interfaceWithoutAddress({ name, subnet: 'any subnet', has: [] });
  return first.address;
}

function interfaceNamed(name: string, network: Network): NetworkInterface {
  const interfaces = network.interfaces();
  const found = interfaces.find((one) => one.name === name);
  if (found === undefined) throw interfaceMissing({ name, there: interfaces.map((one) => one.name) });
  return found;
}

/** The address of this computer in the network of the rack. */
function addressIn({ interface: name, subnet }: RackSpec['network'], network: Network): string {
  const found = interfaceNamed(name, network);
  const range = parseIpv4Subnet(subnet);
  const own = found.ipv4.find(({ address }) => {
    const value = parseIpv4(address);
    return range !== undefined && value !== undefined && subnetContains(range, value);
  });
  if (own === undefined) throw interfaceWithoutAddress({ name, subnet, has: found.ipv4.map(({ address }) => address) });
  return own.address;
}
