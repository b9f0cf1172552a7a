import type { MacAddress } from './mac-address.ts';

/** Names one physical machine for as long as this process runs: the first MAC address seen of it. */
export type MachineId = string & { readonly __brand: 'MachineId' };

export const machineIdOf = (mac: MacAddress): MachineId => mac as string as MachineId;

/** What a machine's firmware told us when it asked for a boot file. */
export interface BootSighting {
  readonly firmware: string;
  /** The file or URL that it was given last; absent while it is held. */
  readonly offered?: string;
}

export interface Disk {
  /** Kernel name without /dev/: `sda`, `nvme0n1`. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: bigint;
  readonly model?: string;
  readonly serial?: string;
  readonly wwid?: string;
  /** `nvme`, `sata`, `virtio`, …; empty for what is not a physical disk. */
  readonly transport?: string;
  readonly rotational: boolean;
  readonly readOnly: boolean;
  /** What is on it now: partition tables, filesystems, LVM, RAID …, in the order found. */
  readonly signatures: readonly string[];
  /** Nobody has looked (yet) what is on it, so that no signatures mean nothing. */
  readonly isUnprobed?: boolean;
}

export interface Link {
  readonly name: string;
  readonly mac: MacAddress;
  readonly isUp: boolean;
  readonly isPhysical: boolean;
}

/** `maintenance`: waits for a config and believes anybody. `configured`: speaks only to holders of the cluster's keys. */
export type TalosMode = 'maintenance' | 'configured';

/** One reading of a machine that runs Talos: observed facts only, nothing that we wish. */
export interface TalosObservation {
  readonly address: string;
  readonly mode: TalosMode;
  /** In maintenance mode: of the certificate that it showed, base64 of SHA-256, as on the machine's console. */
  readonly fingerprint?: string;
  /** Talos' word: booting, installing, maintenance, running, rebooting … */
  readonly stage: string;
  readonly isReady: boolean;
  readonly unmetConditions: readonly string[];
  /** Talos version with the leading v. */
  readonly version: string;
  /** Changes with every boot: when the running system first described its hardware. */
  readonly bootMark: string;
  /** SMBIOS UUID, lower case. */
  readonly uuid?: string;
  readonly links: readonly Link[];
  readonly addresses: readonly { readonly link: string; readonly cidr: string }[];
  readonly disks: readonly Disk[];
  /** Kernel name of the disk that Talos is installed on; absent when it is not installed. */
  readonly systemDisk?: string;
}

/** Everything observed of one machine. */
export interface Machine {
  readonly id: MachineId;
  readonly macs: readonly MacAddress[];
  readonly uuid?: string;
  /** The last address that it was seen to use. */
  readonly address?: string;
  readonly boot?: BootSighting;
  readonly talos?: TalosObservation;
}
