import type { Emit } from '../core/event.ts';
import { parseIpv4 } from '../core/ipv4.ts';
import { minutes } from '../core/millis.ts';
import type { Clock, Files, Network, Random } from '../core/ports.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { type DhcpMode, openDhcpServer } from '../pxe/index.ts';
import { withheldAddresses } from './withheld-addresses.ts';

export interface OpenDhcpOptions {
  readonly spec: RackSpec;
  /** The lease file is kept there. */
  readonly stateDirectory: string;
  /** Ours on the interface of the rack. */
  readonly serverAddress: string;
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
}

/**
 * Who gives addresses, as the rack file says. In full mode every machine with a MAC address in the rack file keeps the
 * address that it will have when it is installed; in firmware mode all addresses are of the pool, since another server's are
 * not ours to give. Faults: `pxe/other-dhcp-server`, `pxe/lease-file-broken`, `platform/*`.
 */
export async function openDhcp(
  options: OpenDhcpOptions,
): Promise<{ readonly mode: DhcpMode; readonly close: () => Promise<void> }> {
  const { spec, stateDirectory, serverAddress, ...ports } = options;
  const { boot, network: net } = spec;
  if (boot.dhcp === 'proxy' || boot.dhcp === 'off') return { mode: { kind: boot.dhcp }, close: async () => undefined };
  const onlyFirmware = boot.dhcp === 'firmware';
  const leaseTime = minutes(boot.leaseMinutes);
  const shared = {
    nameservers: net.nameservers,
    // DHCP carries addresses here, and no names.
    timeServers: net.timeServers.filter((one) => parseIpv4(one) !== undefined),
    excluded: withheldAddresses(spec),
    leaseTime,
  };
  const { server, close } = await openDhcpServer({
    ...ports,
    interfaceName: net.interface,
    serverAddress,
    path: `${stateDirectory}/leases.jsonl`,
    besideOthers: onlyFirmware || boot.besideOtherDhcp,
    networks: [
      {
        ...shared,
        subnet: net.subnet,
        pool: rangeOf(boot.pool ?? ''),
        ...(net.gateway === undefined ? {} : { gateway: net.gateway }),
        reservations: onlyFirmware
          ? []
          : spec.machines.flatMap(({ mac, address, name }) =>
              mac === undefined ? [] : [{ mac, address, hostName: name }],
            ),
      },
      ...boot.relayedPools.map(({ subnet, addresses, gateway }) => ({
        ...shared,
        subnet,
        pool: rangeOf(addresses),
        ...(gateway === undefined ? {} : { gateway }),
      })),
    ],
  });
  return { mode: { kind: 'full', server, onlyFirmware }, close };
}

function rangeOf(text: string): { readonly first: string; readonly last: string } {
  const [first = '', last = ''] = text.split('-').map((part) => part.trim());
  return { first, last };
}
