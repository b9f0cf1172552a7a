import type { Emit } from '../core/event.ts';
import type { MacAddress } from '../core/mac-address.ts';
import type { Fact } from '../core/rack.ts';
import type { BootFile } from './boot-file.ts';
import { type BootDecision, type BootIntent, type BootOffers, decideBoot, offeredBy } from './decide-boot.ts';
import type { BootClient } from './identify-client.ts';

/** Machines remembered at most; the one that was silent for longest goes first. */
const capacity = 4096;

export interface BootRegisterOptions {
  readonly offers: BootOffers;
  readonly emit: Emit;
  readonly observe: (fact: Fact) => void;
  readonly intentOf: (client: BootClient) => BootIntent;
}

/**
 * Who asked to boot, and what was said of it last. It holds no decision that is acted on: every packet and every file
 * request asks `decideBoot` again, so a changed intent counts at once.
 */
export class BootRegister {
  readonly #options: BootRegisterOptions;
  readonly #seen = new Map<MacAddress, { readonly client: BootClient; readonly told: string }>();

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
    return this.#seen.values().some(({ client }) => {
      const decision = this.#ask(client);
      return (decision.kind === 'uki-http' || decision.kind === 'uki-tftp') && decision.file === file;
    });
  }

  #ask(client: BootClient): BootDecision {
    return decideBoot(client, this.#options.intentOf(client), this.#options.offers);
  }

  #remember(client: BootClient, told: string): void {
    this.#seen.delete(client.mac);
    this.#seen.set(client.mac, { client, told });
    if (this.#seen.size <= capacity) return;
    for (const oldest of this.#seen.keys().take(1)) this.#seen.delete(oldest);
  }
}
