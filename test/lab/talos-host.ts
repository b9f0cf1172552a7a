import type { Clock } from '../../core/ports.ts';
import type { ClusterFabric } from './cluster-fabric.ts';
import type { MachineTime } from './machine-time.ts';
import type { NodeConfig } from './node-config.ts';
import type { MachineScenario } from './scenario.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimDisk } from './sim-disk.ts';
import type { MachineCounters } from './statistics.ts';

/** The machine as the Talos that runs on it sees it. */
export interface TalosHost {
  readonly machine: MachineScenario;
  readonly disks: readonly SimDisk[];
  readonly prefixLength: number;
  /** The machine's own: what it says may be wrong. */
  readonly clock: Clock;
  readonly time: MachineTime;
  readonly random: SeededRandom;
  readonly fabric: ClusterFabric;
  readonly counters: MachineCounters;
  /** See scenario.ts. */
  readonly fluxBringsPodNetwork: boolean;
  /** Asks for an address by DHCP until it has one; `undefined` when the signal ended that. */
  lease(signal: AbortSignal): Promise<string | undefined>;
  /** Whether a fault that happens a limited number of times happens now. */
  strikes(fault: LimitedFault): boolean;
}

/** Faults that happen a limited number of times. */
export const limitedFaults = [
  'install-fails',
  'back-in-maintenance',
  'upgrade-fails',
  'upgrade-panics',
  'reboot-loop',
] as const;
export type LimitedFault = (typeof limitedFaults)[number];

/** In Talos' words of MachineStatus. */
export type Stage =
  | 'booting'
  | 'installing'
  | 'maintenance'
  | 'running'
  | 'rebooting'
  | 'shutting down'
  | 'resetting'
  | 'upgrading';

export interface ServiceState {
  readonly id: string;
  readonly state: string;
  /** `undefined`: it has no health check. */
  readonly healthy: boolean | undefined;
  readonly message: string;
  readonly since: Date;
}

/** What a node is at the moment; everything that it shows over its API comes from here. */
export interface NodeFacts {
  /** What the API demands of its callers: nothing, or a client certificate. */
  readonly isConfigured: boolean;
  readonly stage: Stage;
  readonly config: NodeConfig | undefined;
  /** Of its one link. */
  readonly cidrs: readonly string[];
  readonly unmet: readonly { readonly name: string; readonly reason: string }[];
  readonly etcdMemberId: bigint | undefined;
}

export interface NodeView extends NodeFacts {
  readonly host: TalosHost;
  /** Of the running system: the UKI's while it is booted from the network, the installer's after that. */
  readonly version: string;
  readonly hostname: string;
  readonly services: ReadonlyMap<string, ServiceState>;
}

/** How a boot of Talos ended: by kexec into what is on the disk, by a reset through firmware, or without power. */
export type BootEnd = 'kexec' | 'reset' | 'off';
