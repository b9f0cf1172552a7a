import type { MacAddress } from '../../core/mac-address.ts';
import type { Endpoint } from '../../core/ports.ts';
import { type DhcpMessage, ipv4Bytes, ipv4Text, optionOf, readDhcp, writeDhcp } from './dhcp-wire.ts';
import type { BootServerPlace, LanScenario } from './scenario.ts';
import { openUdpSocket, type SimSocket } from './sim-socket.ts';

/** One machine's place on the LAN: a cable into a switch that relays DHCP, beside an ordinary DHCP server. */
export interface LanPort {
  /** Broadcasts a DHCP message as the machine. Answers of the LAN's DHCP server and of the boot server arrive alike. */
  broadcast(message: DhcpMessage): void;
  /** A UDP socket of the machine's own on the address that it was given. */
  openSocket(at: Endpoint, onMessage: (bytes: Uint8Array, from: Endpoint) => void): Promise<LanSocket>;
  close(): Promise<void>;
}

export interface LanSocket {
  /** `port` is the one that the machine believes in; the switch redirects the well-known ones of the boot server. */
  send(bytes: Uint8Array, to: Endpoint): void;
  close(): Promise<void>;
}

export interface LanPlace {
  readonly mac: MacAddress;
  readonly leasedAddress: string;
  readonly lan: LanScenario;
  readonly bootServer: BootServerPlace;
  /** Whether the cable swallows the datagram that is on it now. */
  loses(): boolean;
  onDhcp(message: DhcpMessage, sizeBytes: number): void;
}

const discover = 1;
const offer = 2;
const request = 3;
const ack = 5;
/** RFC 8357: answer to the port that the relay sent from. The sub-option has no content. */
const relaySourcePort = Uint8Array.of(19, 0);

/**
 * Plugs a machine in. The switch is a relay agent (RFC 2131 section 4.1.1, RFC 3046) that may not use port 67, because
 * nobody on loopback may without privileges: it says so with RFC 8357's sub-option, and sets giaddr to the machine's
 * address. Replies that a relay agent would not pass on are dropped.
 */
export async function plugIn(place: LanPlace): Promise<LanPort> {
  const { bootServer, leasedAddress } = place;
  const open = new Set<SimSocket>();
  const bind = async (at: Endpoint, onMessage: (bytes: Uint8Array, from: Endpoint) => void) => {
    const socket = await openUdpSocket(at, (bytes, from) => {
      if (!place.loses()) onMessage(bytes, from);
    });
    open.add(socket);
    return socket;
  };

  const relay = await bind({ address: leasedAddress, port: 0 }, (bytes) => {
    const reply = readDhcp(bytes);
    if (reply === undefined || reply.op !== 2 || reply.giaddr !== leasedAddress || reply.mac !== place.mac) return;
    if (optionOf(reply, 82) === undefined) return;
    place.onDhcp({ ...reply, options: reply.options.filter(([code]) => code !== 82) }, bytes.length);
  });
  const realPort = (to: Endpoint) => {
    if (to.address !== bootServer.address) return to.port;
    if (to.port === 69) return bootServer.tftpPort;
    return to.port === 4011 ? bootServer.proxyDhcpPort : to.port;
  };

  return {
    broadcast(message) {
      if (place.loses()) return;
      const lease = leaseFor(message, place);
      if (lease !== undefined && !place.loses()) queueMicrotask(() => place.onDhcp(lease, writeDhcp(lease).length));
      const relayed = writeDhcp({
        ...message,
        hops: message.hops + 1,
        giaddr: leasedAddress,
        options: [...message.options, [82, relaySourcePort]],
      });
      relay.send(relayed, { address: bootServer.address, port: bootServer.dhcpPort });
    },
    async openSocket(at, onMessage) {
      const socket = await bind(at, onMessage);
      return {
        send: (bytes, to) => {
          if (!place.loses()) socket.send(bytes, { address: to.address, port: realPort(to) });
        },
        close: () => socket.close(),
      };
    },
    async close() {
      await Promise.all([...open].map((socket) => socket.close()));
    },
  };
}

/** What the LAN's own DHCP server answers: an address for everybody who asks, and not a word about booting. */
function leaseFor(asked: DhcpMessage, place: LanPlace): DhcpMessage | undefined {
  if (place.lan.givesAddresses === false) return undefined;
  const type = optionOf(asked, 53)?.[0];
  const chosen = optionOf(asked, 54);
  const isForUs = chosen !== undefined && ipv4Text(chosen) === place.lan.dhcpServer;
  if (type !== discover && !(type === request && isForUs)) return undefined;
  const mask = new Uint8Array(4);
  new DataView(mask.buffer).setUint32(0, (2 ** 32 - 2 ** (32 - place.lan.prefixLength)) >>> 0);
  return {
    ...asked,
    op: 2,
    yiaddr: place.leasedAddress,
    file: '',
    options: [
      [53, Uint8Array.of(type === discover ? offer : ack)],
      [54, ipv4Bytes(place.lan.dhcpServer)],
      [51, Uint8Array.of(0, 0, 14, 16)],
      [1, mask],
    ],
  };
}
