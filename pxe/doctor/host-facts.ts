import type { Architecture } from '../client-architecture.ts';

/** What was read of the host that is to serve boots. What could not be read is absent. */
export interface HostFacts {
  readonly interface?: {
    readonly name: string;
    readonly addresses: readonly string[];
    readonly isWireless?: boolean;
    readonly carriesDefaultRoute?: boolean;
  };
  readonly ports: readonly HostPort[];
  readonly firewall?: Firewall;
  readonly ukis: readonly {
    readonly architecture: 'amd64' | 'arm64';
    readonly path: string;
    readonly sizeBytes?: number;
  }[];
  /** With boot.assets: which images the rack boots from, and which of them are not in the cache as pinned. */
  readonly cache?: { readonly wanted: number; readonly missing: readonly string[] };
  /** With boot.assets: the factory that they come from, asked only when something is missing; `why` it cannot be. */
  readonly factory?: { readonly origin: string; readonly isNeeded: boolean; readonly why?: string };
  /** iPXE programs that were found, with their names in the boot-file table. */
  readonly loaders?: {
    readonly found: readonly { readonly name: string; readonly path: string; readonly version?: string }[];
    /** Of the machines of the rack; both where no rack file says it. */
    readonly architectures: readonly Architecture[];
    /** Whether the rack file wants a machine to go through iPXE although UEFI could do without. */
    readonly isWanted: boolean;
  };
  /** Of the file system that the state directory is on. */
  readonly freeBytes?: number;
  readonly now: Date;
  readonly isClockSynchronized?: boolean;
}

export interface HostPort {
  readonly protocol: 'UDP' | 'TCP';
  readonly port: number;
  /** What we want it for. */
  readonly service: 'dhcp' | 'proxydhcp' | 'tftp' | 'http';
  /** Program and pid of who has it. */
  readonly holder?: string;
}

export interface Firewall {
  /** Chains that see packets to this host and drop what no rule lets in. */
  readonly dropping: readonly string[];
  /** Destination ports that a rule of such a chain names. */
  readonly namedPorts: readonly number[];
}
