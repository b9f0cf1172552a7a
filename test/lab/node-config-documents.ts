import { isMap, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { knownKinds, mainDocument } from './node-config-shape.ts';

export interface ConfigDocuments {
  readonly main: z.output<typeof mainDocument>;
  /** Those with a kind. */
  readonly others: readonly Record<string, unknown>[];
}

/** The documents of a machine config, or why Talos of this minor (`v1.13`) would not load them. */
export function readDocuments(text: string, minor: string): ConfigDocuments | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const others: Record<string, unknown>[] = [];
  const seen = new Set<string>();
  let main: ConfigDocuments['main'] | undefined;
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length > 0) return { problems: document.errors.map((error) => error.message) };
    if (document.contents === null) continue;
    if (!isMap(document.contents)) return { problems: ['a document is not a mapping'] };
    const value = document.toJS() as Record<string, unknown>;
    const { kind, apiVersion } = value;
    const identity = [apiVersion, kind, value['name']].map((part) => JSON.stringify(part ?? '')).join('/');
    if (seen.has(identity)) problems.push(`duplicate document: ${identity}`);
    seen.add(identity);
    if (kind === undefined) {
      const read = mainDocument.safeParse(value);
      if (read.success) main = read.data;
      else problems.push(...read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
    } else if (apiVersion !== 'v1alpha1' || typeof kind !== 'string' || knownKinds(minor)?.has(kind) !== true) {
      problems.push(`${identity}: not registered`);
    } else others.push(value);
  }
  if (problems.length > 0) return { problems };
  return main === undefined ? { problems: ['the v1alpha1 document is missing'] } : { main, others };
}
