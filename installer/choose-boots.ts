import type { Emit, Event } from '../core/event.ts';
import type { Journal } from '../core/journal.ts';
import type { MacAddress } from '../core/mac-address.ts';
import { machineIdOf } from '../core/machine.ts';
import type { Millis } from '../core/millis.ts';
import type { Clock } from '../core/ports.ts';
import { machineWithMac } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { admitStrangers, type BootIntent, NetbootOnce } from '../pxe/index.ts';
import { bootIntent } from './boot-intent.ts';
import { guardBootLoop } from './boot-loop.ts';
import { withBootWay } from './boot-way.ts';
import { removedFinder, whyRemoved } from './removed-machines.ts';
import { isMeant } from './resolve-machines.ts';
import { installStepId } from './steps/install-machine.ts';
import type { RackWatch } from './watch-rack.ts';

export interface ChooseBootsOptions {
  readonly spec: RackSpec;
  readonly watch: Pick<RackWatch, 'rack'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly emit: Emit;
  /** For how long machines that nobody named are given Talos, too. */
  readonly discoverFor: Millis | undefined;
}

export interface ChooseBoots {
  /** What a machine is to boot now. */
  intent(mac: MacAddress, uuid: string | undefined): BootIntent;
  /** Told each boot request. */
  seen(mac: MacAddress, uuid: string | undefined): void;
}

/**
 * What each machine of a rack is to boot, from what is known of it, what the journal remembers (it is installed; it may
 * boot from the network once more; it boots in circles) and whether strangers are welcome. Give every event to `note`.
 */
export function chooseBoots(options: ChooseBootsOptions): { choose: ChooseBoots; note: (event: Event) => void } {
  const { spec, watch, journal, clock, emit, discoverFor } = options;
  const guard = guardBootLoop({ journal, clock, emit });
  const once = new NetbootOnce(journal);
  const findRemoved = removedFinder(journal);
  const openUntil = discoverFor === undefined ? undefined : clock.monotonic() + discoverFor;

  const usual = (mac: MacAddress, uuid: string | undefined): BootIntent => {
    const rack = watch.rack();
    const machine = machineWithMac(rack, mac) ?? {
      id: machineIdOf(mac),
      macs: [mac],
      ...(uuid === undefined ? {} : { uuid }),
    };
    // Another machine under an old name is not installed. Which one it was is not known of what was found installed.
    const isInstalled = (name: string) => {
      const { confirmed, memory } = journal.pastOf(installStepId(name));
      const macs = (memory?.['macs'] ?? memory?.['mac'] ?? '').split(' ').filter((one) => one !== '');
      return confirmed && (macs.length === 0 || machine.macs.some((one) => macs.includes(one)));
    };
    const isOpen = openUntil !== undefined && clock.monotonic() < openUntil;
    const intent = once.intent(admitStrangers(bootIntent(machine, { spec, rack, isInstalled }), isOpen));
    return withBootWay(intent, spec);
  };
  const machineAt = (address: string) => {
    const machine = [...watch.rack().machines.values()].find((one) => one.address === address);
    return machine && spec.machines.find((entry) => isMeant(entry, machine))?.name;
  };
  return {
    choose: {
      intent(mac, uuid) {
        const intent = usual(mac, uuid);
        const removed = findRemoved(machineWithMac(watch.rack(), mac)?.macs ?? [mac]);
        if (removed !== undefined) return { kind: 'hold', machine: removed.name, reason: whyRemoved(removed) };
        if (intent.kind !== 'local-disk') return intent;
        const reason = guard.reasonFrozen(intent.machine);
        return reason === undefined ? intent : { kind: 'hold', machine: intent.machine, reason };
      },
      seen(mac, uuid) {
        const intent = usual(mac, uuid);
        if (intent.kind === 'local-disk') guard.noteAsked(intent.machine, mac);
      },
    },
    // What could not be written is asked for again by the machine's next boot; the journal says so by itself.
    note: (event) => void once.note(event, machineAt).catch(() => undefined),
  };
}
