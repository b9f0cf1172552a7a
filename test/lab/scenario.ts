import type { MacAddress } from '../../core/mac-address.ts';

/** A rack as data: what stands in it, what is wrong with it, and where its boot server is to be found. */
export interface RackScenario {
  readonly machines: readonly MachineScenario[];
  readonly bootServer: BootServerPlace;
  readonly lan: LanScenario;
  /** 1 is the pace of the demo (see pace.ts); 20 does the same in a twentieth of the time. */
  readonly speed: number;
  /** Two racks of one scenario and seed lose the same packets. */
  readonly seed: number;
  /**
   * With `cni: none` the pod network comes from what Flux installs: the nodes become Ready once a Flux Kustomization is.
   * `false` models a source that holds no pod network.
   */
  readonly fluxBringsPodNetwork: boolean;
}

/** Where the switch relays DHCP to, and which real ports stand behind the well-known ones that firmware asks. */
export interface BootServerPlace {
  readonly address: string;
  /** Behind port 67. */
  readonly dhcpPort: number;
  /** Behind port 4011. */
  readonly proxyDhcpPort: number;
  /** Behind port 69. */
  readonly tftpPort: number;
}

/** The ordinary DHCP server that is on the LAN anyway. It gives addresses and knows nothing of boot files. */
export interface LanScenario {
  /** False: it is switched off, and machines have an address only when the boot server gives them one. */
  readonly givesAddresses?: false;
  readonly dhcpServer: string;
  readonly prefixLength: number;
}

export interface MachineScenario {
  readonly name: string;
  readonly mac: MacAddress;
  /** SMBIOS UUID, lower case; boards are sold on which it is the same. */
  readonly uuid: string;
  /** What the LAN's DHCP server gives it: a loopback address. The switch relays from there, too. */
  readonly leasedAddress: string;
  /** Name of its one network link. */
  readonly link: string;
  readonly disks: readonly DiskScenario[];
  readonly firmware: FirmwareScenario;
  /** Of the UKI that it boots from the network, with the leading v. */
  readonly talosVersion: string;
  readonly faults: readonly MachineFault[];
}

export interface FirmwareScenario {
  readonly transport: 'http' | 'tftp';
  /** DHCP option 93 (IANA's processor architecture types): 7 x64, 11 arm64; 16 and 19 the same over HTTP. */
  readonly architecture: 7 | 9 | 11 | 16 | 19;
}

export interface DiskScenario {
  /** Kernel name. */
  readonly name: string;
  readonly path: string;
  readonly serial?: string;
  readonly wwid?: string;
  readonly model: string;
  readonly sizeBytes: bigint;
  readonly transport: string;
  readonly rotational: boolean;
  /** What is on it when the machine is bought. */
  readonly signatures: readonly Signature[];
}

export interface Signature {
  /** 0 is the disk as a whole, 1 its first partition. */
  readonly partition: number;
  /** As Talos names it: gpt, ext4, xfs, vfat, lvm2-pv … */
  readonly name: string;
  readonly partitionLabel?: string;
  readonly sizeBytes?: bigint;
}

export type MachineFault =
  /** This share of the UDP datagrams on the machine's own cable is lost, in both directions. */
  | { readonly kind: 'lossy'; readonly rate: number }
  /** It never comes on. */
  | { readonly kind: 'dead' }
  /** The installer image cannot be pulled this many times; the disk stays as it was. */
  | { readonly kind: 'install-fails'; readonly times: number }
  /** So many installs end with an empty STATE partition, so that the machine comes back in maintenance mode. */
  | { readonly kind: 'back-in-maintenance'; readonly times: number }
  /** So many installers of an upgrade end with an exit code other than 0. */
  | { readonly kind: 'upgrade-fails'; readonly times: number }
  /** So many upgraded systems do not come up, so that the machine falls back to the one before. */
  | { readonly kind: 'upgrade-panics'; readonly times: number }
  /** So many boots from its disk end in a reset before Talos is up, so that firmware asks the network again. */
  | { readonly kind: 'reboot-loop'; readonly times: number }
  /**
   * Its clock is so many seconds ahead of everybody's; negative: behind. Its time server agrees with that, or sets it right
   * during that boot of Talos (1 is the first, in maintenance mode); when left out it reaches none.
   */
  | {
      readonly kind: 'clock-skew';
      readonly seconds: number;
      readonly timeServer?: 'agrees' | { readonly setsInBoot: number };
    }
  /** Everything takes this many times as long. */
  | { readonly kind: 'slow'; readonly factor: number };
