import type { Machine } from '../core/machine.ts';
import type { Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { BootIntent } from '../pxe/index.ts';
import { classOfMachine, mayBeChosen } from './classes/class-of-machine.ts';
import { isMeant, reasonToHold } from './resolve-machines.ts';

/**
 * What a machine that asks for a boot file is to boot. Closed by default: a machine that the rack file does not mean,
 * or means twice, is held. A machine whose install is confirmed boots its disk; one that is only half installed is
 * given Talos again, which goes on from the disk when it finds itself there. A stranger that a class of the rack file may
 * still choose is given Talos too, which writes nothing by itself: only then is known what it is.
 */
export function bootIntent(
  machine: Machine,
  { spec, rack, isInstalled }: { spec: RackSpec; rack: Rack; isInstalled: (name: string) => boolean },
): BootIntent {
  const reason = reasonToHold(machine, spec, rack);
  const entry = spec.machines.find((one) => isMeant(one, machine));
  const isStranger = !spec.machines.some((one) => one.mac !== undefined && machine.macs.includes(one.mac));
  if (entry === undefined && isStranger && mayBeChosen(machine, spec)) return { kind: 'boot', machine: machine.id };
  if (reason !== undefined || entry === undefined) {
    const isNobodys = entry === undefined && isStranger && isUnclaimed(machine, spec);
    return {
      kind: 'hold',
      reason: reason ?? 'it is not in the rack file',
      ...(isNobodys ? { isStranger: true } : {}),
    };
  }
  return { kind: isInstalled(entry.name) ? 'local-disk' : 'boot', machine: entry.name };
}

/** Nothing is known of it that speaks against it, and no class of the rack file may mean it. */
const isUnclaimed = (machine: Machine, spec: RackSpec) =>
  (machine.conflicts ?? []).length === 0 && classOfMachine(machine, spec).kind === 'none';
