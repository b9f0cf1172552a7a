import type { Emit } from '../../core/event.ts';
import { defineFault } from '../../core/fault.ts';
import type { Clock, Files, Network, Random } from '../../core/ports.ts';
import { DhcpServer } from './dhcp-server.ts';
import { findDhcpServers } from './find-dhcp-servers.ts';
import { type LeaseNetworkOptions, leaseNetwork } from './lease-network.ts';
import { LeaseStore } from './lease-store.ts';
import { openProbe } from './probe-address.ts';

const otherServer = defineFault<{ server: string; offered: string; interfaceName: string }>('pxe/other-dhcp-server', {
  kind: 'operator',
  exitCode: 3,
  title: ({ server, offered, interfaceName }) =>
    `Another DHCP server answers on ${interfaceName}: ${server} offered ${offered}`,
  state: () => 'No boot service was started; no machine was answered. Two DHCP servers on one network quarrel.',
  remedy: () =>
    'Set boot.dhcp to proxy in the rack file, and Rackwright works beside that server; or stop that server; or allow both, when their pools are apart.',
});

export interface OpenDhcpServerOptions {
  readonly network: Pick<Network, 'openUdp'>;
  readonly files: Pick<Files, 'readText' | 'openAppend' | 'writeAtomically'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** For people. */
  readonly interfaceName: string;
  readonly serverAddress: string;
  /** The first is that of our own interface; others are behind relays. */
  readonly networks: readonly LeaseNetworkOptions[];
  /** The lease file. */
  readonly path: string;
  /** The operator says that another DHCP server may be there. */
  readonly besideOthers?: boolean;
}

/**
 * Reads the leases, and makes sure that nobody else is the DHCP server of this network. Faults: `pxe/other-dhcp-server`,
 * `pxe/lease-file-broken`, `platform/*`.
 */
export async function openDhcpServer(
  options: OpenDhcpServerOptions,
): Promise<{ readonly server: DhcpServer; readonly close: () => Promise<void> }> {
  const { network, files, clock, emit, serverAddress, interfaceName } = options;
  const store = await LeaseStore.open(options.path, files);
  if (!options.besideOthers) {
    const [other] = await findDhcpServers({ ...options, address: serverAddress });
    if (other !== undefined) throw otherServer({ ...other, interfaceName });
  }
  const prober = await openProbe(serverAddress, { network, files, clock });
  const networks = options.networks.map((one) =>
    leaseNetwork({ ...one, excluded: [...(one.excluded ?? []), serverAddress] }),
  );
  return {
    server: new DhcpServer({ serverAddress, networks, store, probe: prober.probe, clock, emit }),
    close: async () => {
      await store.close();
      await prober.close();
    },
  };
}
