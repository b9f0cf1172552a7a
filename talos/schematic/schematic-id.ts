import { createHash } from 'node:crypto';
import { resolvesToNonString } from './go-yaml-resolve.ts';
import { type GoYaml, type GoYamlMap, renderGoYaml } from './render-go-yaml.ts';
import type { Schematic } from './schematic.ts';
import { schematicNotComputable } from './schematic-faults.ts';

/** The text whose SHA-256 is the id: what Image Factory's own encoder writes. Fault `talos/schematic-not-computable`. */
export function renderSchematic({ owner, overlay, customization = {} }: Schematic): string {
  const { embeddedMachineConfiguration, extraKernelArgs, meta, systemExtensions, bootloader } = customization;
  const { secureboot, diskImage } = customization;
  return renderGoYaml({
    owner: present(owner),
    overlay: overlay && {
      image: overlay.image,
      name: overlay.name,
      options: filled(overlay.options && sorted(overlay.options)),
    },
    customization: {
      embeddedMachineConfiguration: present(embeddedMachineConfiguration),
      extraKernelArgs: listed(extraKernelArgs),
      meta: listed(meta?.map(({ key, value }) => ({ key, value }))),
      systemExtensions: filled({ officialExtensions: listed(systemExtensions?.officialExtensions) }),
      bootloader,
      secureboot: filled({
        enrollKeys: present(secureboot?.enrollKeys),
        includeWellKnownCertificates: secureboot?.includeWellKnownCertificates || undefined,
      }),
      diskImage: filled({ sectorSize: diskImage?.sectorSize || undefined }),
    },
  });
}

/**
 * The id that an Image Factory gives this schematic. The factory can only make images of it once somebody has sent it
 * there. Lists count in the order given. Fault `talos/schematic-not-computable`.
 */
export const schematicId = (schematic: Schematic): string =>
  createHash('sha256').update(renderSchematic(schematic)).digest('hex');

const present = (text: string | undefined): string | undefined => text || undefined;

const listed = <Item extends GoYaml>(items: readonly Item[] | undefined): readonly Item[] | undefined =>
  items?.length ? items : undefined;

const filled = (map: GoYamlMap | undefined): GoYamlMap | undefined =>
  map !== undefined && Object.values(map).some((value) => value !== undefined) ? map : undefined;

/** go-yaml sorts keys with the numbers in them as numbers; for words of letters that is the order of their codes. */
function sorted(options: Readonly<Record<string, string | number | boolean>>): GoYamlMap {
  const entries = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const odd = entries.find(([key]) => !/^[A-Za-z]+$/.test(key) || resolvesToNonString(key));
  if (odd !== undefined) throw schematicNotComputable({ why: `the overlay option ${odd[0]} is not a word of letters` });
  return Object.fromEntries(entries);
}
