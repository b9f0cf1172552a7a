/** What happened to a machine, counted where it happens, for assertions such as "no second wipe". */
export interface MachineCounters {
  powerOns: number;
  /** Network boots whose file arrived whole. */
  networkBoots: number;
  /** Boots of Talos, from the network or the disk. */
  talosBoots: number;
  maintenanceBoots: number;
  /** Configs that a node accepted. */
  appliedConfigs: number;
  refusedConfigs: number;
}

export interface RackStatistics {
  readonly machines: ReadonlyMap<string, MachineStatistics>;
  /** Bootstrap calls that a node accepted: each made an etcd cluster. */
  readonly bootstraps: number;
  readonly refusedBootstraps: number;
  /** Members of all etcd clusters, in the order in which they joined. */
  readonly etcdMembers: readonly {
    readonly clusterId: string;
    readonly memberId: string;
    readonly hostname: string;
    readonly isLearner: boolean;
  }[];
}

export interface MachineStatistics extends Readonly<MachineCounters> {
  /** How often an installer wrote each disk, by serial number (by path for a disk without one); 0 is listed too. */
  readonly wipes: ReadonlyMap<string, number>;
}

export const noCounts = (): MachineCounters => ({
  powerOns: 0,
  networkBoots: 0,
  talosBoots: 0,
  maintenanceBoots: 0,
  appliedConfigs: 0,
  refusedConfigs: 0,
});
