import type { Endpoint, Network, UdpSocket } from '../../core/ports.ts';
import { answerDhcp, answerFullDhcp, type DhcpAnswerOptions, type Reply } from '../answer-dhcp.ts';
import type { DhcpService } from '../identify-client.ts';
import type { DhcpServer } from './dhcp-server.ts';

/**
 * - `proxy`: another server gives the addresses, we give the boot files.
 * - `full`: we give both; with `onlyFirmware` to machines while they boot, and another server to all others.
 * - `off`: another server gives both (see `rackwright dhcp print`); we only listen, so as to know who boots what.
 */
export type DhcpMode =
  | { readonly kind: 'proxy' }
  | { readonly kind: 'off' }
  | { readonly kind: 'full'; readonly server: DhcpServer; readonly onlyFirmware?: boolean };

export interface DhcpServiceOptions extends DhcpAnswerOptions {
  readonly network: Pick<Network, 'openUdp'>;
  readonly mode: DhcpMode;
  /** 67 and 4011 on a real network; 0 lets the system choose. */
  readonly ports: { readonly dhcp: number; readonly proxyDhcp: number };
}

export interface DhcpServiceHandle {
  readonly ports: { readonly dhcp: number; readonly proxyDhcp: number };
  close(): Promise<void>;
}

/**
 * Listens on the DHCP ports of one address. Two sockets have port 67: the one bound to 255.255.255.255 hears broadcasts
 * even where another DHCP server of this host holds the port; the one bound to our address hears relays and renewals, and
 * all replies leave by it, because a broadcast from it takes the way of its interface. Faults: `platform/port-taken`,
 * `platform/port-forbidden`.
 */
export async function serveDhcp(options: DhcpServiceOptions): Promise<DhcpServiceHandle> {
  const { network, serverAddress, mode, emit } = options;
  const opened: UdpSocket[] = [];
  const answer = (bytes: Uint8Array, from: Endpoint, service: DhcpService, send: (reply: Reply) => void) => {
    if (mode.kind !== 'full') {
      const reply = answerDhcp(bytes, from, service, options);
      if (reply !== undefined && mode.kind === 'proxy') send(reply);
      return;
    }
    answerFullDhcp(bytes, from, service, { ...options, ...mode }).then(
      (reply) => reply && send(reply),
      (thrown: unknown) => {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        emit({ type: 'packet.dropped', from: from.address, reason: `the lease was not written: ${reason}` });
      },
    );
  };
  const listen = async (service: DhcpService, address: string, port: number, replyFrom?: UdpSocket) => {
    let replies = replyFrom;
    const socket = await network.openUdp({
      address,
      port,
      shared: service === 'dhcp',
      broadcast: true,
      inBursts: true,
      onMessage: (bytes, from) => answer(bytes, from, service, (reply) => replies?.send(reply.bytes, reply.to)),
    });
    opened.push(socket);
    replies ??= socket;
    return socket;
  };
  const close = async () => {
    await Promise.all(opened.splice(0).map((socket) => socket.close()));
  };
  try {
    const proxyDhcp = await listen('proxyDhcp', serverAddress, options.ports.proxyDhcp);
    const dhcp = await listen('dhcp', serverAddress, options.ports.dhcp);
    await listen('dhcp', '255.255.255.255', dhcp.local.port, dhcp);
    return { ports: { dhcp: dhcp.local.port, proxyDhcp: proxyDhcp.local.port }, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
