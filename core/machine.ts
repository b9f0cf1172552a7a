import type { MacAddress } from './mac-address.ts';

/** Names one physical machine for as long as this process runs: the MAC address that was seen of it first. */
export type MachineId = string & { readonly __brand: 'MachineId' };

export const machineIdOf = (mac: MacAddress): MachineId => mac as string as MachineId;

/** What a machine's firmware told us when it asked for a boot file. */
export interface BootSighting {
  readonly firmware: string;
  /** The file or URL that it was given last; absent while it is held. */
  readonly offered?: string;
}

/** A thing that is on a disk or on one of its partitions, or a device that is made of it. */
export interface DiskContent {
  readonly kind:
    | 'partition-table'
    | 'filesystem'
    | 'lvm'
    | 'md'
    | 'zfs'
    | 'drbd'
    | 'ceph'
    | 'luks'
    | 'swap'
    | 'talos'
    | 'device-mapper'
    /** A partition in which nobody recognised anything, or that nobody has looked at. */
    | 'unknown'
    | 'other';
  /** Kernel name of the disk or partition. */
  readonly on: string;
  /** As Talos names it: `gpt`, `xfs`, `lvm2-pv`; absent for a user, and where nothing was recognised. */
  readonly format?: string;
  /** Of a partition. */
  readonly label?: string;
  /** Kernel name of the device that is made of it: `md0`, `dm-3`, `drbd1000`. */
  readonly user?: string;
}

/** What lies on a disk and where: what is needed to find it again when the table of its partitions is gone. */
export interface DiskVolume {
  /** Kernel name of the disk or partition. */
  readonly on: string;
  /** As Talos names it: `gpt`, `xfs`, `lvm2-pv`; absent where nothing was recognised. */
  readonly format?: string;
  /** Of the filesystem, the physical volume, the array; of a GPT that of the disk. */
  readonly uuid?: string;
  readonly label?: string;
  /** From the beginning of the disk; Talos before v1.12 does not tell it. */
  readonly offsetBytes?: number;
  readonly sizeBytes: number;
  /** As its table has it; `type` is a GUID. */
  readonly partition?: {
    readonly index: number;
    readonly uuid?: string;
    readonly type?: string;
    readonly label?: string;
  };
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
  /** What is on it now, in words: partition tables, filesystems, LVM, RAID …, in the order found. */
  readonly signatures: readonly string[];
  /** The same, for programs. */
  readonly contents?: readonly DiskContent[];
  /** Where it lies; absent when nothing was recognised. */
  readonly layout?: readonly DiskVolume[];
  /** Nobody has looked (yet) what is on it, so that no signatures mean nothing. */
  readonly isUnprobed?: boolean;
}

export interface Link {
  readonly name: string;
  readonly mac: MacAddress;
  readonly isUp: boolean;
  readonly isPhysical: boolean;
  /** Absent while there is no carrier. */
  readonly speedMbit?: number;
  readonly duplex?: 'full' | 'half';
  /** Kernel module: `i40e`, `mlx5_core`. */
  readonly driver?: string;
  readonly busPath?: string;
  readonly vendor?: string;
  readonly product?: string;
  readonly mtu?: number;
  /** By which Talos knows it, too: `enx525400000001`. */
  readonly altNames?: readonly string[];
  /** Of a bond: its mode as Talos writes it, such as `802.3ad`, and the names of the ports in it. */
  readonly bond?: { readonly mode: string; readonly ports: readonly string[] };
}

/** What the board says of itself (SMBIOS type 1); what it leaves out is absent. */
export interface SystemInformation {
  readonly vendor?: string;
  readonly product?: string;
  readonly version?: string;
  readonly serial?: string;
  readonly sku?: string;
}

export interface Processor {
  readonly socket?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly cores?: number;
  readonly threads?: number;
  readonly maxSpeedMHz?: number;
}

/** A slot that holds a module. */
export interface MemoryModule {
  readonly slot?: string;
  readonly sizeMiB: number;
  /** Megatransfers a second, as SMBIOS counts it. */
  readonly speedMTs?: number;
  readonly vendor?: string;
  readonly serial?: string;
  readonly part?: string;
}

/** What does not change while a machine is up. Absent is unknown: `TalosObservation.unknown` says why. */
export interface Hardware {
  readonly system?: SystemInformation;
  readonly processors?: readonly Processor[];
  readonly memory?: { readonly totalMiB: number; readonly modules: readonly MemoryModule[] };
  readonly firmwareMode?: 'uefi' | 'bios';
  readonly secureBoot?: boolean;
}

/** What is built into the Talos that runs. */
export interface TalosImage {
  /** Id of the Image Factory's schematic; absent for an image that is of none. */
  readonly schematic?: string;
  /** System extensions by name: `drbd`, `realtek-firmware`. */
  readonly extensions: readonly string[];
}

/** A partition that an earlier install of Talos left. */
export interface Leftover {
  /** Kernel names of the disk and of the partition on it. */
  readonly disk: string;
  readonly partition: string;
  /** As Talos labels its partitions: META, STATE, EPHEMERAL … */
  readonly label: string;
  /** What may be on it that somebody could miss. */
  readonly mayHold: 'metadata' | 'machine config' | 'etcd and containers' | 'boot files' | 'images' | 'user data';
}

/** A fact that nobody could read, and why: never to be taken for one that is not so. */
export interface UnknownFact {
  readonly fact: string;
  readonly why: string;
  /** A later reading may tell it; absent when this machine, as it runs now, never will. */
  readonly mayPass?: true;
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
  readonly hardware?: Hardware;
  readonly image?: TalosImage;
  /** Partitions of an earlier install, on any disk. */
  readonly leftovers?: readonly Leftover[];
  readonly unknown?: readonly UnknownFact[];
}

/** USB network of a management controller: many boards are sold with one and the same address there. */
const managementDrivers: ReadonlySet<string> = new Set(['cdc_eem', 'cdc_ether', 'cdc_ncm', 'cdc_subset', 'rndis_host']);

/** The MAC addresses by which a machine can be told from others. */
export const identityMacs = ({ links }: Pick<TalosObservation, 'links'>): readonly MacAddress[] =>
  links.filter(({ isPhysical, driver = '' }) => isPhysical && !managementDrivers.has(driver)).map(({ mac }) => mac);

/** A MAC address that other machines say is theirs, too: a card that was moved, or a copied address. */
export interface MacConflict {
  readonly mac: MacAddress;
  /** The others: each by its UUID, or by its first MAC address. */
  readonly others: readonly string[];
}

/** Everything observed of one machine. */
export interface Machine {
  readonly id: MachineId;
  /** In the order in which they were seen first. */
  readonly macs: readonly MacAddress[];
  /** As the machine tells it, be it blank or a default: see core/identity.ts. */
  readonly uuid?: string;
  /** The last address that it was seen to use. */
  readonly address?: string;
  readonly boot?: BootSighting;
  /** The last reading, while the machine answers. */
  readonly talos?: TalosObservation;
  /** The last reading, be it from an earlier run or from before the machine fell silent, and when it was made. */
  readonly lastReading?: { readonly at: number; readonly observation: TalosObservation };
  /** Milliseconds since 1970 of the first and the last sign of it. */
  readonly firstSeen?: number;
  readonly lastSeen?: number;
  /** Not empty: nobody can tell which machine this is, and nothing may be written on it. */
  readonly conflicts?: readonly MacConflict[];
}
