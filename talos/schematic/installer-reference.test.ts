import { describe, expect, it } from 'vitest';
import { installerReference, parseInstallerReference } from './installer-reference.ts';
import { schematicId } from './schematic-id.ts';

const schematic = schematicId({});
const request = { factory: 'factory.talos.dev', schematic, version: 'v1.13.9', secureBoot: false };

describe('installerReference', () => {
  it('names the installer for metal, and the only one that Talos before 1.10 has', () => {
    expect(installerReference(request)).toBe(`factory.talos.dev/metal-installer/${schematic}:v1.13.9`);
    expect(installerReference({ ...request, version: '1.9.5' })).toBe(
      `factory.talos.dev/installer/${schematic}:v1.9.5`,
    );
    expect(installerReference({ ...request, factory: 'mirror:5000/f', version: 'v1.10.0-beta.0' })).toBe(
      `mirror:5000/f/metal-installer/${schematic}:v1.10.0-beta.0`,
    );
  });

  it('has a variant for secure boot', () => {
    const reference = installerReference({ ...request, secureBoot: true });
    expect(reference).toBe(`factory.talos.dev/metal-installer-secureboot/${schematic}:v1.13.9`);
    expect(parseInstallerReference(reference)).toEqual({ schematic, version: 'v1.13.9', secureBoot: true });
  });

  it('is read back in both forms, and no other image is taken for one', () => {
    for (const version of ['v1.9.5', 'v1.14.0-rc.1']) {
      const read = parseInstallerReference(installerReference({ ...request, version }));
      expect(read).toEqual({ schematic, version, secureBoot: false });
    }
    expect(parseInstallerReference('ghcr.io/siderolabs/installer:v1.13.9')).toBeUndefined();
    expect(parseInstallerReference(`factory.talos.dev/metal-installer/${schematic}:latest`)).toBeUndefined();
  });
});
