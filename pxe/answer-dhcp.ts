import type { Emit } from '../core/event.ts';
import type { Endpoint } from '../core/ports.ts';
import type { Fact } from '../core/rack.ts';
import { bootFields, bootReply } from './boot-reply.ts';
import { architectureNames } from './client-architecture.ts';
import type { BootDecision } from './decide-boot.ts';
import { decodeDhcp } from './dhcp/decode-dhcp.ts';
import { dhcpMessage, dhcpOption } from './dhcp/dhcp-option.ts';
import { bootRequest, type DhcpPacket, messageTypeOf } from './dhcp/dhcp-packet.ts';
import { encodedOption, optionValue } from './dhcp/option-table.ts';
import type { DhcpServer } from './dhcp-server/dhcp-server.ts';
import { type BootFields, encodeReply } from './frame-reply.ts';
import { type BootClient, type DhcpService, identifyClient } from './identify-client.ts';
import { replyDestination } from './reply-destination.ts';
import { seenAddress } from './seen-address.ts';

export interface DhcpAnswerOptions {
  readonly serverAddress: string;
  readonly emit: Emit;
  readonly observe: (fact: Fact) => void;
  readonly decide: (client: BootClient) => BootDecision;
}

export interface FullAnswerOptions extends DhcpAnswerOptions {
  readonly server: DhcpServer;
  /** Another server gives addresses, and its answers keep firmware from ours: boot clients get theirs from us. */
  readonly onlyFirmware?: boolean;
}

/** A datagram and where it goes. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
}

/** What came in by one datagram. */
interface Question {
  readonly packet: DhcpPacket;
  readonly from: Endpoint;
  readonly service: DhcpService;
  /** Of a client that asks for a boot file; else there is none. */
  readonly client: BootClient | undefined;
  readonly decision: BootDecision | undefined;
}

/**
 * One DHCP datagram all the way, beside the network's own DHCP server: bytes, packet, facts, decision, reply, bytes.
 * `undefined` is silence, which is what a client gets that asks for an address only.
 */
export function answerDhcp(
  datagram: Uint8Array,
  from: Endpoint,
  service: DhcpService,
  options: DhcpAnswerOptions,
): Reply | undefined {
  const question = ask(datagram, from, service, options);
  return question === undefined ? undefined : tell(question, proxyAnswer(question, options), options.emit);
}

/**
 * The same where we are the network's DHCP server: whoever asks gets an address, and a boot client the file with it. A
 * boot client that is not to boot now gets nothing at first, as beside another server; a lease that it has, it keeps.
 */
export async function answerFullDhcp(
  datagram: Uint8Array,
  from: Endpoint,
  service: DhcpService,
  options: FullAnswerOptions,
): Promise<Reply | undefined> {
  const question = ask(datagram, from, service, options);
  return question === undefined ? undefined : tell(question, await fullAnswer(question, options), options.emit);
}

/** Beside another server: boot clients that ask anybody, and whoever chose us. All else may concern an address of its own. */
function isForUs({ packet, client }: Question, serverAddress: string): boolean {
  const chosen = optionValue(packet.options, 'serverIdentifier');
  // EDK2 declines and releases without saying that it is a boot client.
  if (chosen !== undefined) return chosen === serverAddress;
  return client !== undefined && messageTypeOf(packet) === dhcpMessage.discover;
}

async function fullAnswer(question: Question, options: FullAnswerOptions): Promise<Reply | undefined> {
  if (question.service === 'proxyDhcp') return proxyAnswer(question, options);
  const { from, service, packet, client, decision } = question;
  if (options.onlyFirmware && !isForUs(question, options.serverAddress)) return undefined;
  // iPXE takes the first address that it is offered, and a file from anybody: the other server's is always sooner. Behind
  // a relay we have no addresses to give, and the other server need not be the one that sends option 60 here.
  const isRelayed = packet.giaddr !== '0.0.0.0';
  if (options.onlyFirmware && (client?.firmware === 'ipxe' || isRelayed)) return proxyAnswer(question, options);
  const boot = decision === undefined ? undefined : bootFields(service, decision, options.serverAddress);
  if (client !== undefined && boot === undefined && messageTypeOf(packet) === dhcpMessage.discover) return undefined;
  const reply = await options.server.answer(packet, boot && withoutProxyWait(boot, client));
  if (reply === undefined) return undefined;
  const to = replyDestination(packet, from, service, messageTypeOf(reply));
  return { bytes: encodeReply(packet, reply), to };
}

function ask(
  datagram: Uint8Array,
  from: Endpoint,
  service: DhcpService,
  { emit, observe, decide }: DhcpAnswerOptions,
): Question | undefined {
  const drop = (reason: string) => emit({ type: 'packet.dropped', from: from.address, reason });
  const decoded = decodeDhcp(datagram);
  if (decoded.kind === 'malformed') {
    drop(decoded.reason);
    return undefined;
  }
  const { packet } = decoded;
  if (packet.op !== bootRequest) return undefined;
  const address = seenAddress(packet);
  if (address !== undefined) observe(address);
  const identified = identifyClient(packet, service);
  if (identified.kind === 'unusable') drop(identified.reason);
  const client = identified.kind === 'client' ? identified.client : undefined;
  return { packet, from, service, client, decision: client && decide(client) };
}

function proxyAnswer({ packet, from, service, decision }: Question, options: DhcpAnswerOptions): Reply | undefined {
  const reply = decision && bootReply(packet, service, decision, options.serverAddress);
  if (reply === undefined) return undefined;
  return { bytes: encodeReply(packet, reply), to: replyDestination(packet, from, service) };
}

/** Says of a boot client that it asked, and whether it was answered. */
function tell(
  { packet, service, client, decision }: Question,
  reply: Reply | undefined,
  emit: Emit,
): Reply | undefined {
  if (client === undefined) return reply;
  const { mac, firmware, architectures, networkCard } = client;
  emit({
    type: 'boot.asked',
    mac,
    service,
    message: messageNames[messageTypeOf(packet) ?? 0] ?? 'other',
    firmware,
    architecture: architectureNames(architectures),
    ...(networkCard === undefined ? {} : { networkCard }),
    // What sends a machine to its disk is nothing to boot.
    isAnswered: reply !== undefined && decision?.kind !== 'local-disk',
  });
  return reply;
}

const messageNames: Readonly<Record<number, 'discover' | 'request'>> = {
  [dhcpMessage.discover]: 'discover',
  [dhcpMessage.request]: 'request',
};

/** iPXE's sub-option 176: do not wait for a proxyDHCP offer, there is none beside this one. */
function withoutProxyWait(boot: BootFields, client: BootClient | undefined): BootFields {
  if (client?.firmware !== 'ipxe') return boot;
  const said = optionValue(new Map(boot.options), 'ipxe') ?? [];
  const others = boot.options.filter(([code]) => code !== dhcpOption.ipxe);
  return { ...boot, options: [encodedOption('ipxe', [...said, [176, Uint8Array.of(1)]]), ...others] };
}
