import { z } from 'zod';
import { dnsLabel } from './text-forms.ts';

const path = z.string().default('./').describe('Folder in the source.');
const secret = dnsLabel.optional().describe('Name of a Secret in flux-system with the credentials.');

/** What Flux installs the remaining layers from. */
export const fluxSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('OCIRepository'),
    url: z.string().startsWith('oci://', { error: 'must begin with oci://' }).describe('oci://…'),
    tag: z.string().min(1).describe('Tag that is followed.'),
    path,
    insecure: z.boolean().default(false).describe('The registry speaks HTTP without TLS.'),
    secret,
  }),
  z.strictObject({
    kind: z.literal('GitRepository'),
    url: z
      .string()
      .regex(/^(https?|ssh):\/\//, { error: 'must begin with https://, http:// or ssh://' })
      // The address is shown and journalled; a password belongs into the Secret that `secret` names. What is no address at all
      // is told above.
      .regex(/^((?!(https?|ssh):\/\/)|(ssh:\/\/[^/:@]+@|[a-z]+:\/\/)[^/@]*(\/|$))/, {
        error: 'must hold no password; put it into the Secret named by secret',
      })
      .describe('https://… or ssh://…, without a password.'),
    branch: z.string().min(1).describe('Branch that is followed.'),
    path,
    secret,
  }),
]);
