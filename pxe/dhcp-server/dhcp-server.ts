import type { Emit } from '../../core/event.ts';
import { parseIpv4, renderIpv4, subnetContains } from '../../core/ipv4.ts';
import { macOfBytes } from '../../core/mac-address.ts';
import { type Millis, minutes, seconds } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { dhcpMessage, relayOption } from '../dhcp/dhcp-option.ts';
import { type DhcpPacket, macOf, messageTypeOf, noAddress } from '../dhcp/dhcp-packet.ts';
import { ipv4OfBytes } from '../dhcp/ipv4-bytes.ts';
import { encodedOption, optionValue } from '../dhcp/option-table.ts';
import { relayOptionOf } from '../dhcp/relay-option-of.ts';
import { type BootFields, frameReply } from '../frame-reply.ts';
import type { Lease } from './lease.ts';
import { LeaseBook } from './lease-book.ts';
import { type LeaseNetwork, networkOfRequest } from './lease-network.ts';
import { leaseOptions } from './lease-options.ts';
import type { LeaseStore } from './lease-store.ts';
import type { ProbeAddress } from './probe-address.ts';

/** How long an offered address is kept for a client that may take it. */
const offerTime: Millis = seconds(60);
/** How long an address is left alone that somebody uses without a lease, or that a client declined. */
const conflictTime: Millis = minutes(10);
/** Addresses tried for one client when each turns out to be in use. */
const probesPerDiscover = 5;

export interface DhcpServerOptions {
  readonly serverAddress: string;
  readonly networks: readonly LeaseNetwork[];
  readonly store: LeaseStore;
  readonly probe: ProbeAddress;
  readonly clock: Pick<Clock, 'now'>;
  readonly emit: Emit;
}

/** The network, the client, and what else is the same for all answers to one request. */
interface Asking {
  readonly request: DhcpPacket;
  readonly client: string;
  readonly network: LeaseNetwork;
  readonly boot: BootFields | undefined;
}

/**
 * The DHCP server of an isolated network (RFC 2131 section 4.3): hands out addresses, and with them the boot file where
 * there is one. An address is probed before it is offered to somebody new, and a lease is on the disk before its ACK.
 */
export class DhcpServer {
  readonly #options: DhcpServerOptions;
  readonly #book: LeaseBook;
  /** Clients for which an address is being looked for: a repeated DISCOVER joins the search of the first. */
  readonly #searches = new Map<string, Promise<number | undefined>>();

  constructor(options: DhcpServerOptions) {
    this.#options = options;
    this.#book = new LeaseBook(options.store.leases);
  }

  /** The reply, or `undefined` for silence. Rejects when a lease could not be written to the disk. */
  async answer(request: DhcpPacket, boot?: BootFields): Promise<DhcpPacket | undefined> {
    const client = macOf(request);
    const network = networkOfRequest(request, this.#options.networks, this.#options.serverAddress);
    if (client === undefined) {
      this.#drop(request, 'a client without an Ethernet address');
      return undefined;
    }
    if (network === undefined) {
      this.#drop(request, 'there is no pool for the network that it comes from');
      return undefined;
    }
    const asking = { request, client, network, boot };
    switch (messageTypeOf(request)) {
      case dhcpMessage.discover:
        return this.#discover(asking);
      case dhcpMessage.request:
        return this.#request(asking);
      case dhcpMessage.release:
        return this.#release(asking);
      case dhcpMessage.decline:
        return this.#decline(asking);
      case dhcpMessage.inform:
        return this.#inform(asking);
      default:
        return undefined;
    }
  }

  async #discover(asking: Asking): Promise<DhcpPacket | undefined> {
    const { client, request, network } = asking;
    const key = `${client} ${network.options.subnet}`;
    let search = this.#searches.get(key);
    if (search === undefined) {
      search = this.#findAddress(asking).finally(() => this.#searches.delete(key));
      this.#searches.set(key, search);
    }
    const address = await search;
    if (address === undefined) {
      this.#drop(request, `no address of ${network.options.subnet} is free`);
      return undefined;
    }
    return this.#grant(asking, dhcpMessage.offer, address);
  }

  /** An address for the client, kept for it; one that is not known to be the client's own is probed first. */
  async #findAddress({ client, request, network }: Asking): Promise<number | undefined> {
    const requested = optionValue(request.options, 'requestedAddress');
    for (let tries = 0; tries < probesPerDiscover; tries += 1) {
      const now = this.#now();
      const wish = requested === undefined ? undefined : parseIpv4(requested);
      const address = this.#book.choose(client, wish, network, now);
      if (address === undefined) return undefined;
      const known = this.#book.at(address);
      const isHeld = known?.client === client && known.until > now && known.state !== 'released';
      if (isHeld && known.state === 'bound') return address;
      this.#book.put({ client, address, state: 'offered', until: now + offerTime });
      // Nobody behind a router answers ARP.
      if (isHeld || !this.#isOwnSegment(network) || !(await this.#options.probe(renderIpv4(address), client)))
        return address;
      await this.#conflict(client, address);
    }
    return undefined;
  }

  /** RFC 2131 section 4.3.2: after an OFFER (with option 54), after a restart (with option 50), and renewals (ciaddr). */
  async #request(asking: Asking): Promise<DhcpPacket | undefined> {
    const { request, client, network } = asking;
    const chosen = optionValue(request.options, 'serverIdentifier');
    const lease = this.#book.of(client, network);
    if (chosen !== undefined && !this.#isUs(request, chosen)) {
      if (lease?.state === 'offered') this.#book.forget(lease.address);
      return undefined;
    }
    const renewed = request.ciaddr === noAddress ? undefined : request.ciaddr;
    const address = parseIpv4(renewed ?? optionValue(request.options, 'requestedAddress') ?? '');
    if (address === undefined) return undefined;
    if (!subnetContains(network.subnet, address)) return this.#refuse(asking, 'the address is of another network');

    const now = this.#now();
    const isOpen = (one: number) => this.#book.isOpenTo(client, one, network, now);
    const reserved = network.reserved.get(client)?.address;
    const own = reserved !== undefined && isOpen(reserved) ? reserved : lease?.address;
    if (address === own && isOpen(address)) return this.#bind(asking, address);
    // Of a client that we never heard of, another server may know; but not when its address is somebody else's here.
    const isStranger = chosen === undefined && own === undefined;
    const holder = this.#book.at(address);
    if (isStranger && (holder === undefined || holder.until <= now || holder.state === 'released')) return undefined;
    return this.#refuse(asking, 'the address is not the one of this client');
  }

  async #bind(asking: Asking, address: number): Promise<DhcpPacket> {
    const { client, network } = asking;
    const now = this.#now();
    const before = this.#book.of(client, network);
    const isRenewal = before?.address === address && before.state === 'bound' && before.until > now;
    const lease: Lease = { client, address, state: 'bound', until: now + network.options.leaseTime };
    const left = before !== undefined && before.address !== address ? before : undefined;
    const writes = [this.#options.store.commit(lease)];
    if (left?.state === 'bound') {
      const released: Lease = { ...left, state: 'released', until: now };
      writes.push(this.#options.store.commit(released));
      this.#book.put(released);
    }
    await Promise.all(writes);
    this.#book.put(lease);
    this.#tell(client, address, isRenewal ? 'renewed' : 'given');
    return this.#grant(asking, dhcpMessage.ack, address);
  }

  async #release({ client, request }: Asking): Promise<undefined> {
    const address = parseIpv4(request.ciaddr) ?? 0;
    const lease = this.#book.at(address);
    if (lease?.client !== client || lease.state !== 'bound') return;
    const released: Lease = { ...lease, state: 'released', until: this.#now() };
    await this.#options.store.commit(released);
    this.#book.put(released);
    this.#tell(client, address, 'released');
  }

  async #decline({ client, request }: Asking): Promise<undefined> {
    const address = parseIpv4(optionValue(request.options, 'requestedAddress') ?? '') ?? 0;
    const chosen = optionValue(request.options, 'serverIdentifier');
    if (chosen !== undefined && !this.#isUs(request, chosen)) return;
    // Only who has an address may say that it is not to be used.
    if (this.#book.at(address)?.client === client) await this.#conflict(client, address);
  }

  /** For a client with an address of its own: the options, without an address and without a lease. */
  #inform({ request, client, network, boot }: Asking): DhcpPacket | undefined {
    if (request.ciaddr === noAddress) return undefined;
    return frameReply(request, {
      message: dhcpMessage.ack,
      serverIdentifier: this.#identifierFor(request),
      ciaddr: request.ciaddr,
      options: leaseOptions(network, client, undefined),
      boot,
    });
  }

  async #conflict(client: string, address: number): Promise<void> {
    const lease: Lease = { client, address, state: 'conflict', until: this.#now() + conflictTime };
    this.#book.put(lease);
    this.#tell(client, address, 'conflict');
    await this.#options.store.commit(lease);
  }

  #grant({ request, client, network, boot }: Asking, message: number, address: number): DhcpPacket {
    return frameReply(request, {
      message,
      serverIdentifier: this.#identifierFor(request),
      yiaddr: renderIpv4(address),
      ciaddr: message === dhcpMessage.ack ? request.ciaddr : noAddress,
      options: leaseOptions(network, client, Math.floor(network.options.leaseTime / 1000)),
      boot,
    });
  }

  #refuse({ request }: Asking, why: string): DhcpPacket {
    return frameReply(request, {
      message: dhcpMessage.nak,
      serverIdentifier: this.#identifierFor(request),
      options: [encodedOption('message', why)],
    });
  }

  /** A relay may want to stand for us, so that renewals pass it too (RFC 5107). */
  #identifierFor(request: DhcpPacket): string {
    const override = relayOptionOf(request, relayOption.serverIdentifierOverride);
    return override?.length === 4 ? ipv4OfBytes(override) : this.#options.serverAddress;
  }

  #isUs(request: DhcpPacket, identifier: string): boolean {
    return identifier === this.#options.serverAddress || identifier === this.#identifierFor(request);
  }

  #drop({ chaddr }: DhcpPacket, reason: string): void {
    this.#options.emit({ type: 'packet.dropped', from: macOfBytes(chaddr), reason });
  }

  #tell(mac: string, address: number, state: 'given' | 'renewed' | 'released' | 'conflict'): void {
    this.#options.emit({ type: 'lease.changed', mac, address: renderIpv4(address), state });
  }

  #isOwnSegment({ subnet }: LeaseNetwork): boolean {
    return subnetContains(subnet, parseIpv4(this.#options.serverAddress) ?? 0);
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}
