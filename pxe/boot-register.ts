import type { Emit } from '../core/event.ts';
import type { MacAddress } from '../core/mac-address.ts';
import type { Fact } from '../core/rack.ts';
import type { BootFile } from './boot-file.ts';
import { type BootDecision, type BootIntent, type BootOffers, decideBoot, offeredBy, opens } from './decide-boot.ts';
import type { BootClient } from './identify-client.ts';
import { RecentMap } from './recent-map.ts';

/** Machines that are remembered at least; those that were silent for longest go first. */
const capacity = 4096;

export interface BootRegisterOptions {
  readonly offers: BootOffers;
  readonly emit: Emit;
  readonly observe: (fact: Fact) => void;
  readonly intentOf: (client: BootClient) => BootIntent;
}

/** What was last heard of a machine, and told of it. */
interface Seen {
  client: BootClient;
  decision: BootDecision;
  address: string | undefined;
}

/**
 * Who asked to boot, and what was said of it last. It holds no decision that is acted on: every packet and every file
 * request asks `decideBoot` again, so a changed intent counts at once.
 */
export class BootRegister {
  readonly #options: BootRegisterOptions;
  readonly #seen = new RecentMap<MacAddress, Seen>(capacity);

  constructor(options: BootRegisterOptions) {
    this.#options = options;
  }

  /** What this client is to boot now. A fact each time; an event only when the answer is another one than before. */
  decide(client: BootClient): BootDecision {
    const decision = this.#ask(client);
    const offered = offeredBy(decision);
    this.#options.observe({
      kind: 'boot',
      mac: client.mac,
      ...(client.uuid === undefined ? {} : { uuid: client.uuid }),
      boot: { firmware: client.firmware, ...(offered === undefined ? {} : { offered }) },
    });
    const seen = this.#seen.get(client.mac);
    if (seen === undefined) this.#seen.set(client.mac, { client, decision, address: undefined });
    if (seen?.client.firmware !== client.firmware || !isSameAnswer(seen.decision, decision)) {
      this.#options.emit({
        type: 'boot.decided',
        mac: client.mac,
        ...(decision.machine === undefined ? {} : { machine: decision.machine }),
        firmware: client.firmware,
        decision: decision.kind === 'hold' ? `hold: ${decision.reason}` : decision.kind,
      });
    }
    if (seen !== undefined) {
      seen.client = client;
      seen.decision = decision;
    }
    return decision;
  }

  /**
   * Whether any machine that asked is to boot this file now. TFTP and HTTP requests carry nothing that tells the machine
   * (its address is another server's affair), so a file is open while one machine in the rack needs it, and else closed.
   */
  isWanted(file: BootFile): boolean {
    for (const { client } of this.#seen.values()) if (opens(this.#ask(client), file)) return true;
    return false;
  }

  /** The address that a machine which asked to boot took last. */
  addressOf(mac: MacAddress): string | undefined {
    return this.#seen.get(mac)?.address;
  }

  /** The machine that has this address, and what its Talos is to start with; `undefined` when there is nothing. */
  configAt(address: string): { readonly mac: MacAddress; readonly config: string } | undefined {
    for (const { client, address: its } of this.#seen.values()) {
      if (its !== address) continue;
      const intent = this.#options.intentOf(client);
      const isScripted = decideBoot(client, intent, this.#options.offers).kind === 'ipxe-script';
      if (isScripted && intent.kind === 'boot' && intent.config !== undefined) {
        return { mac: client.mac, config: intent.config };
      }
    }
    return undefined;
  }

  /** An address that somebody uses: told of those who asked to boot, when it is another one than before. */
  addressed(mac: MacAddress, address: string): void {
    const seen = this.#seen.get(mac);
    if (seen?.address === address) return;
    // Whoever had it before has another one by now, or none.
    for (const other of this.#seen.values()) if (other.address === address) other.address = undefined;
    if (seen === undefined) return;
    seen.address = address;
    this.#options.emit({ type: 'boot.addressed', mac, address });
  }

  #ask(client: BootClient): BootDecision {
    return decideBoot(client, this.#options.intentOf(client), this.#options.offers);
  }
}

/** Whether two decisions are the same to a person who follows the machine. */
function isSameAnswer(one: BootDecision, other: BootDecision): boolean {
  if (one.kind !== other.kind || one.machine !== other.machine) return false;
  return one.kind !== 'hold' || other.kind !== 'hold' || one.reason === other.reason;
}
