import type { Machine } from '../core/machine.ts';
import type { Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { BootIntent } from '../pxe/index.ts';
import { isMeant, reasonToHold } from './resolve-machines.ts';

/**
 * What a machine that asks for a boot file is to boot. Closed by default: a machine that the rack file does not mean,
 * or means twice, is held. A machine whose install is confirmed boots its disk; one that is only half installed is
 * given Talos again, which goes on from the disk when it finds itself there.
 */
export function bootIntent(
  machine: Machine,
  { spec, rack, isInstalled }: { spec: RackSpec; rack: Rack; isInstalled: (name: string) => boolean },
): BootIntent {
  const reason = reasonToHold(machine, spec, rack);
  const entry = spec.machines.find((one) => isMeant(one, machine));
  if (reason !== undefined || entry === undefined)
    return { kind: 'hold', reason: reason ?? 'it is not in the rack file' };
  return { kind: isInstalled(entry.name) ? 'local-disk' : 'boot', machine: entry.name };
}
