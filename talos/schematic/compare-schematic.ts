import { z } from 'zod';
import type { CosiResource } from '../cosi-resource.ts';

/** `none`: the machine runs a plain Talos image, which is of no schematic. */
export type SchematicComparison =
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly running: string }
  | { readonly kind: 'none' };

const extensionStatus = z.object({ metadata: z.object({ name: z.literal('schematic'), version: z.string().min(1) }) });

/**
 * Whether the machine runs images of this schematic, told by its `ExtensionStatuses.runtime.talos.dev`: images of an
 * Image Factory hold an extension named `schematic`, with the id for its version. An upgrade to a plain installer, or to
 * another schematic, silently drops extensions; so this is asked before and after.
 */
export function compareSchematic(extensions: readonly CosiResource[], wanted: string): SchematicComparison {
  for (const { spec, phase } of extensions) {
    const parsed = extensionStatus.safeParse(spec);
    if (!parsed.success || phase === 'tearingDown') continue;
    const running = parsed.data.metadata.version;
    return running === wanted ? { kind: 'same' } : { kind: 'other', running };
  }
  return { kind: 'none' };
}
