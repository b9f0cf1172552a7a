import type { Emit } from '../core/event.ts';
import type { MacAddress } from '../core/mac-address.ts';
import type { Fact } from '../core/rack.ts';
import type { BootFile } from './boot-file.ts';
import { type BootDecision, type BootIntent, type BootOffers, decideBoot, offeredBy, opens } from './decide-boot.ts';
import type { BootClient } from './identify-client.ts';

/** Machines remembered at most; the one that was silent for longest goes first. */
const capacity = 4096;

export interface BootRegisterOptions {
  readonly offers: BootOffers;
  readonly emit: Emit;
  readonly observe: (fact: Fact) => void;
  readonly intentOf: (client: BootClient) => BootIntent;
}

interface Seen {
  readonly client: BootClient;
  readonly told: string;
  readonly address?: string;
}

/**
 * Who asked to boot, and what was said of it last. It holds no decision that is acted on: every packet and every file
 * request asks `decideBoot` again, so a changed intent counts at once.
 */
export class BootRegister {
  readonly #options: BootRegisterOptions;
  readonly #seen = new Map<MacAddress, Seen>();

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
    const decided = decision.kind === 'hold' ? `hold: ${decision.reason}` : decision.kind;
    const told = `${client.firmware} ${decision.machine ?? ''} ${decided}`;
    if (this.#seen.get(client.mac)?.told !== told) {
      this.#options.emit({
        type: 'boot.decided',
        mac: client.mac,
        ...(decision.machine === undefined ? {} : { machine: decision.machine }),
        firmware: client.firmware,
        decision: decided,
      });
    }
    this.#remember(client, told);
    return decision;
  }

  /**
   * Whether any machine that asked is to boot this file now. TFTP and HTTP requests carry nothing that tells the machine
   * (its address is another server's affair), so a file is open while one machine in the rack needs it, and else closed.
   */
  isWanted(file: BootFile): boolean {
    return this.#seen.values().some(({ client }) => opens(this.#ask(client), file));
  }

  /** An address that somebody uses: told of those who asked to boot, when it is another one than before. */
  addressed(mac: MacAddress, address: string): void {
    const seen = this.#seen.get(mac);
    if (seen === undefined || seen.address === address) return;
    this.#seen.set(mac, { ...seen, address });
    this.#options.emit({ type: 'boot.addressed', mac, address });
  }

  #ask(client: BootClient): BootDecision {
    return decideBoot(client, this.#options.intentOf(client), this.#options.offers);
  }

  #remember(client: BootClient, told: string): void {
    const before = this.#seen.get(client.mac);
    this.#seen.delete(client.mac);
    this.#seen.set(client.mac, { ...before, client, told });
    if (this.#seen.size <= capacity) return;
    for (const oldest of this.#seen.keys().take(1)) this.#seen.delete(oldest);
  }
}
