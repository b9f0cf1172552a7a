import type { z } from 'zod';
import type { TalosImage } from '../../core/machine.ts';
import type { resourceKinds } from '../resource-kinds.ts';
import { isPresent, type TypedResource } from '../typed-resources.ts';

type ExtensionStatus = TypedResource<z.output<typeof resourceKinds.extensionStatuses.spec>>;

/** Entries of the list of extensions that are none: the imager's own notes. */
const notes: ReadonlySet<string> = new Set(['schematic', 'modules.dep']);

/**
 * What is built into a running Talos, told by its `ExtensionStatuses.runtime.talos.dev`: images of an Image Factory hold
 * an extension named `schematic`, with the id for its version.
 */
export function imageOf(statuses: readonly ExtensionStatus[]): TalosImage {
  const named = statuses
    .filter(isPresent)
    .flatMap(({ spec: { metadata } }) =>
      metadata.name === undefined ? [] : [{ name: metadata.name, version: metadata.version }],
    );
  const schematic = named.find(({ name }) => name === 'schematic')?.version;
  return {
    ...(schematic === undefined || schematic === '' ? {} : { schematic }),
    extensions: named.map(({ name }) => name).filter((name) => !notes.has(name)),
  };
}

/** `none`: the machine runs a plain Talos image, which is of no schematic. */
export type SchematicComparison =
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly running: string }
  | { readonly kind: 'none' };

/** Whether a machine runs images of this schematic. Another one, or a plain image, silently lacks extensions. */
export function compareSchematic({ schematic }: TalosImage, wanted: string): SchematicComparison {
  if (schematic === undefined) return { kind: 'none' };
  return schematic === wanted ? { kind: 'same' } : { kind: 'other', running: schematic };
}
