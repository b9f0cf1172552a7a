import type { Disk } from '../core/machine.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/** What the config of one machine is made from. */
export interface MachineConfigRequest {
  readonly spec: RackSpec;
  /** One of `spec.machines`. */
  readonly machine: MachineSpec;
  readonly secrets: TalosSecrets;
  /** The one disk that Talos is to be installed on, as it was observed on this machine. */
  readonly installDisk: Disk;
  /** Kernel name of the physical link that gets the machine's address, when it is not on a bond. */
  readonly link: string;
  /** Kernel names of the ports of its bond. */
  readonly members?: readonly string[];
  /** Kernel names of its further links, in the order of `machine.network.links`. */
  readonly ports?: readonly string[];
}
