/** What an Image Factory puts into Talos images, in its own words. Absent and empty mean the same; order matters. */
export interface Schematic {
  /** Only for enterprise factories. */
  readonly owner?: string;
  /** For boards that need a boot loader of their own. */
  readonly overlay?: SchematicOverlay;
  readonly customization?: SchematicCustomization;
}

export interface SchematicOverlay {
  readonly image: string;
  readonly name: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

export interface SchematicCustomization {
  /** A whole machine config. */
  readonly embeddedMachineConfiguration?: string;
  /** One that begins with `-` takes a default argument away. */
  readonly extraKernelArgs?: readonly string[];
  /** Initial values of META keys, 0 to 255. */
  readonly meta?: readonly { readonly key: number; readonly value: string }[];
  readonly systemExtensions?: { readonly officialExtensions?: readonly string[] };
  readonly bootloader?: 'dual-boot' | 'sd-boot' | 'grub';
  readonly secureboot?: { readonly enrollKeys?: string; readonly includeWellKnownCertificates?: boolean };
  readonly diskImage?: { readonly sectorSize?: number };
}
