import type { Emit } from '../core/event.ts';
import type { Endpoint } from '../core/ports.ts';
import type { Fact } from '../core/rack.ts';
import { bootReply } from './boot-reply.ts';
import type { BootDecision } from './decide-boot.ts';
import { decodeDhcp } from './dhcp/decode-dhcp.ts';
import { encodeDhcp } from './dhcp/encode-dhcp.ts';
import { type BootClient, type DhcpService, identifyClient } from './identify-client.ts';
import { replyDestination } from './reply-destination.ts';
import { seenAddress } from './seen-address.ts';

export interface DhcpAnswerOptions {
  readonly serverAddress: string;
  readonly emit: Emit;
  readonly observe: (fact: Fact) => void;
  readonly decide: (client: BootClient) => BootDecision;
}

/** A datagram and where it goes. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
}

/** One DHCP datagram all the way: bytes, packet, facts, decision, reply, bytes. `undefined` is silence. */
export function answerDhcp(
  datagram: Uint8Array,
  from: Endpoint,
  service: DhcpService,
  options: DhcpAnswerOptions,
): Reply | undefined {
  const drop = (reason: string) => options.emit({ type: 'packet.dropped', from: from.address, reason });
  const decoded = decodeDhcp(datagram);
  if (decoded.kind === 'malformed') {
    drop(decoded.reason);
    return undefined;
  }
  const { packet } = decoded;
  const address = seenAddress(packet);
  if (address !== undefined) options.observe(address);
  const identified = identifyClient(packet, service);
  if (identified.kind === 'unusable') drop(identified.reason);
  if (identified.kind !== 'client') return undefined;
  const decision = options.decide(identified.client);
  const reply = bootReply(packet, service, decision, options.serverAddress);
  if (reply === undefined) return undefined;
  return { bytes: encodeDhcp(reply), to: replyDestination(packet, from, service) };
}
