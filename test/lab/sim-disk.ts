import type { DiskScenario, Signature } from './scenario.ts';

/** What Talos keeps on the disk that it is installed on. */
export interface TalosInstall {
  /** Of the boot entry that the boot loader starts. */
  version: string;
  /** Of the Image Factory whose installer wrote it; `undefined` for a plain one. */
  readonly schematic: string | undefined;
  /** Of the other one; `undefined` before the first upgrade. */
  previous: string | undefined;
  /** The entry was never running and ready: a fatal error goes back to the other one (META key 6). */
  isUnproven: boolean;
  /** To be installed with the next boot (META keys 7 and 8). */
  staged: string | undefined;
  /** What was written to the META partition by key. */
  readonly meta: Map<number, Uint8Array>;
  /** Text of the machine config on STATE; `undefined` when STATE is empty. */
  config: string | undefined;
  /** The data directory on EPHEMERAL; `undefined` when it is empty. */
  etcd: { readonly clusterId: bigint; readonly memberId: bigint } | undefined;
  /** What was uploaded for a bootstrap that recovers. */
  snapshot: Uint8Array | undefined;
}

/** What an upgrade does: the new system beside what runs, and first in the boot order. */
export function installBeside(install: TalosInstall, version: string): void {
  install.previous = install.version;
  install.version = version;
  install.isUnproven = true;
}

/** Back to the other boot entry; a second time goes forth again. False when there is none. */
export function swapBootEntries(install: TalosInstall): boolean {
  if (install.previous === undefined) return false;
  [install.version, install.previous] = [install.previous, install.version];
  install.isUnproven = false;
  return true;
}

const MiB = 1024n * 1024n;

/** A disk: hardware that never changes, and what is on it. It outlives every reboot. */
export class SimDisk {
  readonly hardware: DiskScenario;
  signatures: readonly Signature[];
  install: TalosInstall | undefined;
  /** How often an installer has written it: every one of them was a wipe. */
  wipes = 0;
  isBootable = true;

  constructor(hardware: DiskScenario) {
    this.hardware = hardware;
    this.signatures = hardware.signatures;
  }

  /**
   * What Talos' installer does to the target: everything that was on it is gone (it forces that whatever
   * `install.wipe` says), and there is a new GPT with Talos' partitions for a machine that boots by UEFI.
   */
  writeTalos(version: string, config: string | undefined, schematic?: string): void {
    this.wipes += 1;
    this.isBootable = true;
    const small = 2200n * MiB;
    this.signatures = [
      { partition: 0, name: 'gpt' },
      { partition: 1, name: 'vfat', partitionLabel: 'EFI', sizeBytes: small - 102n * MiB },
      { partition: 2, name: 'talosmeta', partitionLabel: 'META', sizeBytes: MiB },
      { partition: 3, name: 'xfs', partitionLabel: 'STATE', sizeBytes: 100n * MiB },
      { partition: 4, name: 'xfs', partitionLabel: 'EPHEMERAL', sizeBytes: this.hardware.sizeBytes - small },
    ];
    this.install = {
      version,
      schematic,
      config,
      previous: undefined,
      isUnproven: false,
      staged: undefined,
      meta: new Map(),
      etcd: undefined,
      snapshot: undefined,
    };
  }

  /** Nothing is on it any more. */
  erase(): void {
    this.signatures = [];
    this.install = undefined;
  }

  /** What Talos' reset does to single partitions: the data is gone, the partition stays. */
  erasePartition(label: string): void {
    if (this.install === undefined) return;
    if (label === 'STATE') this.install.config = undefined;
    if (label === 'META') this.install.meta.clear();
    if (label === 'EPHEMERAL') {
      this.install.etcd = undefined;
      this.install.snapshot = undefined;
    }
    // Without its boot loader the machine starts what comes over the network; the other partitions are found again.
    if (label === 'EFI' || label === 'BOOT') this.isBootable = false;
  }

  /** Kernel name of its nth partition: `sda1`, `nvme0n1p1`. */
  partitionName(partition: number): string {
    return `${this.hardware.name}${/\d$/.test(this.hardware.name) ? 'p' : ''}${partition}`;
  }
}
