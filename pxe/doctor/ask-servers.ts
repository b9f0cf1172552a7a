import type { Millis } from '../../core/millis.ts';
import type { Clock, Network, Random } from '../../core/ports.ts';
import { decodeDhcp } from '../dhcp/decode-dhcp.ts';
import { bootReply, type DhcpPacket } from '../dhcp/dhcp-packet.ts';
import { encodeDhcp } from '../dhcp/encode-dhcp.ts';
import { type Asker, askers, composeDiscover, noiseBytes } from './asker.ts';

/** What one server said to one kind of firmware. */
export interface ServerAnswer {
  readonly asker: Asker;
  /** Source address of the datagram. */
  readonly from: string;
  readonly packet: DhcpPacket;
}

export interface AskServersOptions {
  readonly network: Pick<Network, 'openUdp'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: Random;
  /** Ours on the interface that is asked on. */
  readonly address: string;
  readonly patience: Millis;
  readonly signal?: AbortSignal;
}

const clientPort = 68;
const serverPort = 67;
const everybody = '255.255.255.255';

/**
 * Asks as each kind of firmware who would boot it, and gives every answer that came within `patience`. Two sockets: the
 * one bound to our address sends, so that the broadcast takes the way of its interface; broadcasts are heard by the
 * other. Faults: `platform/port-taken`, `platform/port-forbidden`.
 */
export async function askServers(options: AskServersOptions): Promise<ServerAnswer[]> {
  const { network, clock, random, address, patience, signal } = options;
  const asked = askers.map((asker) => ({ asker, packet: composeDiscover(asker, random.bytes(noiseBytes)) }));
  const answers: ServerAnswer[] = [];
  const onMessage = (bytes: Uint8Array, from: { address: string }) => {
    const decoded = decodeDhcp(bytes);
    if (decoded.kind !== 'packet' || decoded.packet.op !== bootReply) return;
    const { packet } = decoded;
    const ours = asked.find((one) => one.packet.xid === packet.xid);
    if (ours !== undefined) answers.push({ asker: ours.asker, from: from.address, packet });
  };
  const open = (at: string) =>
    network.openUdp({ address: at, port: clientPort, shared: true, broadcast: true, onMessage });
  const hearing = await open(everybody);
  try {
    const sending = await open(address);
    for (const { packet } of asked) sending.send(encodeDhcp(packet), { address: everybody, port: serverPort });
    await clock.sleep(patience, signal);
    await sending.close();
  } finally {
    await hearing.close();
  }
  return answers;
}
