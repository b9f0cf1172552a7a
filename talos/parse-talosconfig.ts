import { z } from 'zod';
import { decodePem } from './pem-base64.ts';
import { talosconfigInvalid } from './pki-faults.ts';
import { readYamlTexts } from './read-yaml-texts.ts';
import type { TalosKeys } from './talos-keys.ts';

export interface TalosconfigContext {
  readonly name: string;
  /** Control planes, by which machines are reached. */
  readonly endpoints: readonly string[];
  /** Machines that are meant when none are named. */
  readonly nodes: readonly string[];
  /** Absent where a service of its own lets people in, as Omni does. */
  readonly keys?: TalosKeys;
}

export interface Talosconfig {
  /** The name of the one that is used when none is named; absent when that is none of them. */
  readonly context?: string;
  readonly contexts: readonly TalosconfigContext[];
}

const texts = z.preprocess((value) => (value === 'null' || value === '' ? [] : value), z.array(z.string())).default([]);
const pem = z
  .string()
  .transform((encoded) => decodePem(encoded.replaceAll(/[\r\n]/g, '')))
  .refine((decoded) => decoded.startsWith('-----BEGIN '), { error: 'must be PEM in base64' });

const context = z.object({
  /** What endpoints were called before Talos 0.4; talosctl reads it still. */
  target: z.string().optional(),
  endpoints: texts,
  nodes: texts,
  ca: pem.optional(),
  crt: pem.optional(),
  key: pem.optional(),
});
const empty = z.literal(['', 'null', '~']).transform(() => ({}));
const file = z.object({
  context: z.string().default(''),
  contexts: z.union([z.record(z.string(), context), empty]).default({}),
});

/** Reads the file of talosctl. Fault `talos/talosconfig-invalid`, which never quotes a value. */
export function parseTalosconfig(yaml: string): Talosconfig {
  const parsed = file.safeParse(readYamlTexts(yaml));
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw talosconfigInvalid({ reasons });
  }
  const contexts = Object.entries(parsed.data.contexts).map(([name, read]): TalosconfigContext => {
    const { target, endpoints, nodes, ca, crt, key } = read;
    const hasKeys = ca !== undefined && crt !== undefined && key !== undefined;
    return {
      name,
      endpoints: target ? [...endpoints, target] : endpoints,
      nodes,
      ...(hasKeys ? { keys: { ca, cert: crt, key } } : {}),
    };
  });
  const used = contexts.find(({ name }) => name === parsed.data.context);
  return { contexts, ...(used === undefined ? {} : { context: used.name }) };
}
