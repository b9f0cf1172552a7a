export interface FactoryInstaller {
  /** Host, and port and path if need be, of the Image Factory or of a registry that mirrors it. */
  readonly factory: string;
  readonly schematic: string;
  /** Release with or without its leading v. */
  readonly version: string;
  readonly secureBoot: boolean;
}

/**
 * The image by which Talos installs or upgrades itself with this schematic. Talos 1.10 and newer have an installer for
 * each platform, older ones a single one; the two are the same for bare metal.
 */
export function installerReference({ factory, schematic, version, secureBoot }: FactoryInstaller): string {
  const release = version.replace(/^v/, '');
  const [major = 0, minor = 0] = release.split('.').map(Number);
  const name = major > 1 || minor >= 10 ? 'metal-installer' : 'installer';
  return `${factory}/${name}${secureBoot ? '-secureboot' : ''}/${schematic}:v${release}`;
}

export interface InstallerParts {
  readonly schematic: string;
  readonly version: string;
  readonly secureBoot: boolean;
}

/** What an installer reference of an Image Factory says, in either of its forms; `undefined` for any other image. */
export function parseInstallerReference(reference: string): InstallerParts | undefined {
  const found = /\/(?:metal-)?installer(-secureboot)?\/([0-9a-f]{64}):(v\d+\.\d+\.\d+[\w.-]*)$/.exec(reference);
  const [, secureBoot, schematic, version] = found ?? [];
  if (schematic === undefined || version === undefined) return undefined;
  return { schematic, version, secureBoot: secureBoot !== undefined };
}
