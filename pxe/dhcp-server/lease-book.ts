import { subnetContains } from '../../core/ipv4.ts';
import type { Lease } from './lease.ts';
import type { LeaseNetwork } from './lease-network.ts';

/** Who has, had or is offered which address. */
export class LeaseBook {
  readonly #byAddress = new Map<number, Lease>();
  readonly #byClient = new Map<string, Set<number>>();

  constructor(leases: Iterable<Lease> = []) {
    for (const lease of leases) this.put(lease);
  }

  /** Writes a lease down in place of what was known of its address. */
  put(lease: Lease): void {
    this.forget(lease.address);
    if (lease.state !== 'conflict') {
      const addresses = this.#byClient.get(lease.client);
      if (addresses === undefined) this.#byClient.set(lease.client, new Set([lease.address]));
      else addresses.add(lease.address);
    }
    this.#byAddress.set(lease.address, lease);
  }

  forget(address: number): void {
    const lease = this.#byAddress.get(address);
    if (lease === undefined) return;
    this.#byAddress.delete(address);
    const addresses = this.#byClient.get(lease.client);
    addresses?.delete(address);
    if (addresses?.size === 0) this.#byClient.delete(lease.client);
  }

  at(address: number): Lease | undefined {
    return this.#byAddress.get(address);
  }

  /** The client's newest lease in a network, whatever its state and age; never a conflict, which is nobody's lease. */
  of(client: string, { subnet }: LeaseNetwork): Lease | undefined {
    let newest: Lease | undefined;
    for (const address of this.#byClient.get(client) ?? []) {
      const lease = subnetContains(subnet, address) ? this.#byAddress.get(address) : undefined;
      if (lease !== undefined && (newest === undefined || lease.until > newest.until)) newest = lease;
    }
    return newest;
  }

  /** Whether the client may be given this address now: it lies where it may, and nobody else has it. */
  isOpenTo(client: string, address: number, network: LeaseNetwork, now: number): boolean {
    const reservation = network.reserved.get(client);
    const isOwn = reservation?.address === address;
    if (!isOwn && (address < network.first || address > network.last || network.withheld.has(address))) return false;
    return isFree(this.#byAddress.get(address), client, now);
  }

  /**
   * The address for a client, as RFC 2131 section 4.3.1 ranks them: the one reserved for it, the one it has or had, the
   * one it asks for, one that nobody ever had, and at last the one whose lease ended longest ago. Where the search for an
   * unused address begins follows from the client, so that it is the same one even when the lease file was lost.
   */
  choose(client: string, requested: number | undefined, network: LeaseNetwork, now: number): number | undefined {
    const wishes = [network.reserved.get(client)?.address, this.of(client, network)?.address, requested];
    const wish = wishes.find((address) => address !== undefined && this.isOpenTo(client, address, network, now));
    if (wish !== undefined) return wish;
    const size = network.last - network.first + 1;
    if (size <= 0) return undefined;
    const start = hashOf(client) % size;
    let oldest: Lease | undefined;
    for (let step = 0; step < size; step += 1) {
      const address = network.first + ((start + step) % size);
      if (network.withheld.has(address)) continue;
      const lease = this.#byAddress.get(address);
      if (lease === undefined) return address;
      if (isFree(lease, client, now) && (oldest === undefined || lease.until < oldest.until)) oldest = lease;
    }
    return oldest?.address;
  }
}

function isFree(lease: Lease | undefined, client: string, now: number): boolean {
  if (lease === undefined || lease.until <= now) return true;
  if (lease.state === 'conflict') return false;
  return lease.client === client || lease.state === 'released';
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
