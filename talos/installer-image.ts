import type { RackSpec } from '../core/rack-spec.ts';
import { installerReference, parseInstallerReference } from './schematic/installer-reference.ts';
import { schematicId } from './schematic/schematic-id.ts';

const publicFactory = 'factory.talos.dev';
const plainInstaller = 'ghcr.io/siderolabs/installer';

/**
 * The image, with its tag, by which machines of this rack file install Talos: that of its schematic, whose id is computed
 * here, or a plain one. Fault `talos/schematic-not-computable`.
 */
export function installerImage({ talos }: Pick<RackSpec, 'talos'>): string {
  const { version, installer = plainInstaller, factory = publicFactory, secureBoot = false } = talos;
  const schematic = rackSchematicId({ talos });
  return schematic === undefined
    ? `${installer}:${version}`
    : installerReference({ factory, schematic, version, secureBoot });
}

/**
 * The schematic of the images that machines of this rack file install; `undefined` when the installer is none of an Image
 * Factory. Fault `talos/schematic-not-computable`.
 */
export const installerSchematic = (spec: Pick<RackSpec, 'talos'>): string | undefined =>
  parseInstallerReference(installerImage(spec))?.schematic;

/** The id of the rack file's schematic; `undefined` when it has none. Fault `talos/schematic-not-computable`. */
function rackSchematicId({ talos: { schematic } }: Pick<RackSpec, 'talos'>): string | undefined {
  if (schematic === undefined || typeof schematic === 'string') return schematic;
  return schematicId(schematic as Parameters<typeof schematicId>[0]);
}
