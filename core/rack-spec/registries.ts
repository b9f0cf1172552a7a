import { z } from 'zod';

const mirror = z.strictObject({
  endpoints: z
    .array(
      z
        .string()
        .regex(/^https?:\/\/[^/@\s]+(\/\S*)?$/, { error: 'must begin with https:// or http:// and hold no password' }),
    )
    .min(1)
    .describe('Registries that are asked instead, in this order.'),
  overridePath: z.boolean().optional().describe('The endpoint has a path of its own, which replaces /v2.'),
  fallback: z.boolean().default(true).describe('Whether the registry itself is asked when no endpoint has it.'),
});

/** Where the machines fetch images. */
export const registries = z.strictObject({
  mirrors: z
    .record(z.string().min(1), mirror)
    .describe('By the registry that is replaced, such as docker.io, or * for all others.'),
});
