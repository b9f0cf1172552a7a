import type { DiskScenario, Signature } from './scenario.ts';

/** What Talos keeps on the disk that it is installed on. */
export interface TalosInstall {
  /** The version that the installer image brought. */
  readonly version: string;
  /** Text of the machine config on STATE; `undefined` when STATE is empty. */
  config: string | undefined;
  /** The data directory on EPHEMERAL; `undefined` when it is empty. */
  etcd: { readonly clusterId: bigint; readonly memberId: bigint } | undefined;
}

const MiB = 1024n * 1024n;

/** A disk: hardware that never changes, and what is on it. It outlives every reboot. */
export class SimDisk {
  readonly hardware: DiskScenario;
  signatures: readonly Signature[];
  install: TalosInstall | undefined;
  /** How often an installer has written it: every one of them was a wipe. */
  wipes = 0;

  constructor(hardware: DiskScenario) {
    this.hardware = hardware;
    this.signatures = hardware.signatures;
  }

  /**
   * What Talos' installer does to the target: everything that was on it is gone (it forces that whatever
   * `install.wipe` says), and there is a new GPT with Talos' partitions for a machine that boots by UEFI.
   */
  writeTalos(version: string, config: string | undefined): void {
    this.wipes += 1;
    const small = 2200n * MiB;
    this.signatures = [
      { partition: 0, name: 'gpt' },
      { partition: 1, name: 'vfat', partitionLabel: 'EFI', sizeBytes: small - 102n * MiB },
      { partition: 2, name: 'talosmeta', partitionLabel: 'META', sizeBytes: MiB },
      { partition: 3, name: 'xfs', partitionLabel: 'STATE', sizeBytes: 100n * MiB },
      { partition: 4, name: 'xfs', partitionLabel: 'EPHEMERAL', sizeBytes: this.hardware.sizeBytes - small },
    ];
    this.install = { version, config, etcd: undefined };
  }

  /** Kernel name of its nth partition: `sda1`, `nvme0n1p1`. */
  partitionName(partition: number): string {
    return `${this.hardware.name}${/\d$/.test(this.hardware.name) ? 'p' : ''}${partition}`;
  }
}
