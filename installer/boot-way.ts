import type { ConfigPatchSpec, MachineSpec, RackSpec } from '../core/rack-spec.ts';
import type { BootIntent } from '../pxe/index.ts';
import { renderMaintenanceConfig } from '../talos/index.ts';

/**
 * The same intent with what the rack file says of the way: by what the machine boots, how it is sent to its disk, and what
 * Talos starts with in maintenance mode. That goes to machines of the rack file alone, never to a stranger who is let in.
 */
export function withBootWay(intent: BootIntent, spec: RackSpec): BootIntent {
  if (intent.kind === 'hold') return intent;
  const entry = spec.machines.find(({ name }) => name === intent.machine);
  if (intent.kind === 'local-disk') {
    const localDisk = entry?.boot?.localDisk ?? spec.boot.localDisk;
    return localDisk === 'silence' ? intent : { ...intent, through: localDisk };
  }
  const through = entry?.boot?.through ?? spec.boot.through;
  const config = entry === undefined ? [] : maintenanceConfigOf(spec, entry);
  return {
    ...intent,
    ...(through === 'auto' ? {} : { through }),
    ...(config.length === 0 ? {} : { config: renderMaintenanceConfig(config) }),
  };
}

/** What a machine gets when it boots: that of the rack, of its class and its own, in this order. */
export function maintenanceConfigOf(
  { boot, classes = {} }: RackSpec,
  { class: of, maintenanceConfig = [] }: MachineSpec,
): readonly ConfigPatchSpec[] {
  const ofClass = of === undefined ? [] : (classes[of]?.maintenanceConfig ?? []);
  return [...boot.maintenanceConfig, ...ofClass, ...maintenanceConfig];
}
