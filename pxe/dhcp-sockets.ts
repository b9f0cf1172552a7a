import type { Endpoint, Network, UdpSocket } from '../core/ports.ts';
import { interfacesIndistinct } from './pxe-faults.ts';

const everybody = '255.255.255.255';

export interface DhcpSocketOptions {
  readonly network: Pick<Network, 'openUdp'>;
  readonly interfaceName: string;
  /** Names of all interfaces that are served: with several, a broadcast has to tell where it came from. */
  readonly served: readonly string[];
  readonly admits: (datagram: Uint8Array, from: Endpoint) => boolean;
}

/**
 * The DHCP sockets of one interface. One that a service manager bound to the interface hears broadcasts and all else;
 * without it there is one for our address and one for broadcasts, and the latter hears only this interface where the system
 * lets it. Fault `pxe/interfaces-indistinct`.
 */
export function dhcpSockets({ network, interfaceName, served, admits }: DhcpSocketOptions): Pick<Network, 'openUdp'> {
  /** Ports whose socket hears the whole interface. */
  const covered = new Map<number, UdpSocket>();
  return {
    openUdp: async (options) => {
      const isForAll = options.address === everybody;
      const known = isForAll ? covered.get(options.port) : undefined;
      if (known !== undefined) return { ...known, close: async () => undefined };
      const socket = await network.openUdp({
        ...options,
        interface: interfaceName,
        onlyInterface: isForAll,
        onMessage: (bytes, from) => {
          if (admits(bytes, from)) options.onMessage(bytes, from);
        },
      });
      if (socket.isOfInterface === true) covered.set(socket.local.port, socket);
      else if (isForAll && served.length > 1) {
        await socket.close();
        throw interfacesIndistinct({ names: served });
      }
      return socket;
    },
  };
}
