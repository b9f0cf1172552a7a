import type { Architecture } from '../client-architecture.ts';

/** One file of the Image Factory. */
export interface Asset {
  readonly kind: 'uki' | 'command-line';
  readonly architecture: Architecture;
  /** Where it is in any factory and in the lock: `SCHEMATIC/VERSION/NAME`. */
  readonly key: string;
}

/** What a rack boots from. */
export interface AssetWish {
  /** SHA-256 of the schematic, lower-case hex. */
  readonly schematic: string;
  /** Talos version with its v. */
  readonly version: string;
  readonly architectures: readonly Architecture[];
  /** The image that is signed for Secure Boot. */
  readonly secureBoot: boolean;
}

/** The UKI of each architecture, and the kernel command line of exactly this version as a text of its own. */
export function assetsOf({ schematic, version, architectures, secureBoot }: AssetWish): readonly Asset[] {
  const suffix = secureBoot ? '-secureboot' : '';
  return architectures.flatMap((architecture): Asset[] => [
    { kind: 'uki', architecture, key: `${schematic}/${version}/metal-${architecture}${suffix}-uki.efi` },
    { kind: 'command-line', architecture, key: `${schematic}/${version}/cmdline-metal-${architecture}${suffix}` },
  ]);
}

/** The default schematic, an empty customization, as every factory knows it. */
export const emptySchematic = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';

export const publicFactory = 'https://factory.talos.dev';

export const assetUrl = (factory: string, key: string): string => `${factory.replace(/\/+$/, '')}/image/${key}`;
