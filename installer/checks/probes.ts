import type { MacAddress } from '../../core/mac-address.ts';

/** What somebody at an address was seen to be. */
export type AddressAnswer =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'somebody'; readonly mac: MacAddress }
  /** It is an address of this computer. */
  | { readonly kind: 'ourselves' }
  /** It cannot be asked from here. */
  | { readonly kind: 'unasked'; readonly why: string };

export type ClockReading =
  /** `aheadOfUs` and `aheadOfServer` in milliseconds; `roundTrip` is how long the question took. */
  | {
      readonly kind: 'told';
      readonly aheadOfUs: number;
      readonly roundTrip: number;
      readonly server: string;
      readonly aheadOfServer: number;
    }
  | { readonly kind: 'untold'; readonly why: string };

export type NameServerAnswer =
  | { readonly kind: 'knows'; readonly address: string }
  | { readonly kind: 'knows-not' }
  /** It gives an address for a name that nobody has. */
  | { readonly kind: 'wildcard'; readonly address: string }
  | { readonly kind: 'silent' };

export type ImageAnswer =
  | { readonly kind: 'there'; readonly digest?: string }
  | { readonly kind: 'missing'; readonly says: string }
  | { readonly kind: 'unasked'; readonly why: string };

/** Whether IP packets of a size get to a machine in one piece; with the headers, in bytes. */
export type PacketAnswer =
  | { readonly kind: 'through'; readonly sizeBytes: number }
  /** Small ones do. */
  | { readonly kind: 'lost'; readonly sizeBytes: number }
  | { readonly kind: 'unasked'; readonly why: string };

/** How right the clock of this computer is. */
export interface OwnClock {
  /** By what the system says; absent when it does not tell. */
  readonly isSynchronized?: boolean;
  /** By the time servers of the rack file, in milliseconds; without figures: it does not answer. */
  readonly servers: readonly {
    readonly server: string;
    readonly aheadOfServer?: number;
    readonly roundTrip?: number;
  }[];
}

/** What was asked about one machine beyond what it says of itself; what was not asked is absent. */
export interface MachineProbes {
  /** Who has the address that the machine is to get. */
  readonly address?: AddressAnswer;
  readonly clock?: ClockReading;
  /** How long it took to answer, in milliseconds. */
  readonly roundTrip?: number;
  readonly packets?: PacketAnswer;
  /** The management controller; `why` says how it answers, or how it does not. */
  readonly bmc?: { readonly kind: 'answers' | 'silent'; readonly address: string; readonly why: string };
}

/** What was asked about the rack as a whole; what was not asked is absent. */
export interface RackProbes {
  readonly vip?: AddressAnswer;
  readonly gateway?: AddressAnswer;
  /** The name that was asked for, and what each name server said. */
  readonly dns?: { readonly name: string; readonly answers: ReadonlyMap<string, NameServerAnswer> };
  readonly image?: { readonly reference: string; readonly answer: ImageAnswer };
  readonly ownClock?: OwnClock;
  /** How long each machine took to answer, in milliseconds. */
  readonly roundTrips?: ReadonlyMap<string, number>;
}

export interface Probes {
  readonly rack: RackProbes;
  readonly machines: ReadonlyMap<string, MachineProbes>;
}
