import { type Millis, millis } from '../../core/millis.ts';
import { type DhcpMessage, type DhcpOption, ipv4Bytes, optionOf } from './dhcp-wire.ts';
import { Inbox } from './inbox.ts';
import { pace } from './pace.ts';
import type { FirmwareWorld } from './sim-firmware.ts';

/**
 * Talos' own DHCP client: an ordinary one, with nothing of PXE in it. Goes on until the server acknowledges the address,
 * which it gives, or the signal ends it.
 */
export async function leaseAddress(world: FirmwareWorld): Promise<string | undefined> {
  const { patientClock, machine, random, signal } = world;
  const replies = new Inbox<DhcpMessage>(patientClock, signal);
  const lan = await world.plug((message) => replies.put(message));
  const ask = async (xid: number, type: number, expected: number, more: readonly DhcpOption[]) => {
    const isAnswer = (reply: DhcpMessage) => isLease(reply, xid, expected);
    for (let wait: Millis = pace.requestBackoff[0]; !signal.aborted; wait = millis(wait * 1.5)) {
      replies.clear();
      lan.broadcast({ ...blank, xid, mac: machine.mac, options: [[53, Uint8Array.of(type)], ...more, ...usual] });
      const answer = (await replies.collect(wait, isAnswer)).find(isAnswer);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  try {
    const xid = new DataView(random.bytes(4).buffer).getUint32(0);
    const offer = await ask(xid, 1, 2, []);
    const server = offer === undefined ? undefined : optionOf(offer, 54);
    if (offer === undefined || server === undefined) return undefined;
    const leased = await ask(xid, 3, 5, [
      [50, ipv4Bytes(offer.yiaddr)],
      [54, server],
    ]);
    return leased?.yiaddr;
  } finally {
    await lan.close();
  }
}

const blank = {
  op: 1,
  hops: 0,
  flags: 0x8000,
  ciaddr: '0.0.0.0',
  yiaddr: '0.0.0.0',
  siaddr: '0.0.0.0',
  giaddr: '0.0.0.0',
  file: '',
} as const;

const usual: readonly DhcpOption[] = [
  [57, Uint8Array.of(5, 220)],
  [55, Uint8Array.of(1, 3, 6, 12, 15, 26, 42, 119, 121)],
];

/** A reply that gives an address: what a proxyDHCP server says is not for this client. */
const isLease = (reply: DhcpMessage, xid: number, type: number) =>
  reply.op === 2 && reply.xid === xid && reply.yiaddr !== '0.0.0.0' && optionOf(reply, 53)?.[0] === type;
