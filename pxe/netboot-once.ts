import type { Event } from '../core/event.ts';
import type { Journal } from '../core/journal.ts';
import { bootFiles } from './boot-file.ts';
import type { BootIntent } from './decide-boot.ts';

/** Files after which a machine has all of Talos: the UKI, or the last part that an iPXE script names. */
const lastFiles = new Set(bootFiles.filter(({ kind }) => kind === 'uki' || kind === 'initrd').map(({ name }) => name));

/**
 * Boots from the network that an operator asked for, each for one boot of an installed machine. The journal has them, so
 * that one is neither lost nor given twice: it is used up when the machine has fetched all of Talos, not by an offer, which
 * firmware may not take. After that the machine is sent to its disk again.
 */
export class NetbootOnce {
  readonly #journal: Pick<Journal, 'entries' | 'append'>;
  /** Served in this process; their record may be on its way to the disk. */
  readonly #served = new Set<string>();

  constructor(journal: Pick<Journal, 'entries' | 'append'>) {
    this.#journal = journal;
  }

  isAsked(machine: string): boolean {
    if (this.#served.has(machine)) return false;
    const last = this.#journal.entries.findLast(
      ({ record }) =>
        (record.type === 'netboot.asked' || record.type === 'netboot.served') && record.machine === machine,
    );
    return last?.record.type === 'netboot.asked';
  }

  /** Resolves when it is on the disk. Asking twice is asking once. */
  async ask(machine: string): Promise<void> {
    this.#served.delete(machine);
    if (!this.isAsked(machine)) await this.#journal.append({ type: 'netboot.asked', machine });
  }

  /** What an installed machine is to boot, given what it is to boot otherwise. */
  intent(otherwise: BootIntent): BootIntent {
    if (otherwise.kind !== 'local-disk' || !this.isAsked(otherwise.machine)) return otherwise;
    return { kind: 'boot', machine: otherwise.machine };
  }

  /** Takes each event; `machineAt` tells which machine has an address. Resolves when the use is on the disk. */
  async note(event: Event, machineAt: (address: string) => string | undefined): Promise<void> {
    if (event.type !== 'file.served' || !event.complete || !lastFiles.has(event.file)) return;
    const machine = machineAt(event.address);
    if (machine === undefined || !this.isAsked(machine)) return;
    this.#served.add(machine);
    await this.#journal.append({ type: 'netboot.served', machine });
  }
}
