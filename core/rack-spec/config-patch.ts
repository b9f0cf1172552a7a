import { z } from 'zod';

/**
 * A patch of the Talos config. Read from the rack file it has either key; once loaded, `inline` is its text and `file`
 * the file that it is from, if any.
 */
const configPatch = z
  .strictObject({
    file: z.string().min(1).optional().describe('A file with the patch, relative to the rack file.'),
    inline: z
      .union([z.string().min(1), z.record(z.string(), z.unknown()), z.array(z.unknown()).min(1)])
      .optional()
      .describe('The patch itself: a part of a Talos config, or a list of JSON patch operations (one document only).'),
  })
  .refine(({ file, inline }) => (file === undefined) !== (inline === undefined), {
    error: 'must have either file or inline',
  });

export const configPatches = z.array(configPatch);

/** Patches by what they are for; a machine gets those of all, then of its role, of its class, and its own. */
export const layeredPatches = z.strictObject({
  all: configPatches.optional().describe('For every machine.'),
  controlplane: configPatches.optional().describe('For control planes.'),
  worker: configPatches.optional().describe('For workers.'),
});

export type ConfigPatchSpec = z.output<typeof configPatch>;
