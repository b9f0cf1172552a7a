import type { z } from 'zod';
import type { CallOptions } from './call-end.ts';
import type { CosiCalls } from './client/cosi-calls.ts';
import type { CosiResource } from './cosi-resource.ts';
import { listIfSupported } from './list-if-supported.ts';
import type { TypedKind } from './resource-kinds.ts';

export type TypedResource<Spec> = CosiResource & { readonly spec: Spec };

export type TypedList<Spec> =
  | {
      readonly kind: 'listed';
      readonly resources: readonly TypedResource<Spec>[];
      /** Ids of what is not of the form that Talos defines, each with the place. */
      readonly unreadable: readonly string[];
    }
  | { readonly kind: 'not-supported' };

/** All resources of a type with their fields; those that are about to go are there too, with their `phase`. */
export async function listTyped<Spec extends z.ZodType>(
  client: Pick<CosiCalls, 'cosiList'>,
  kind: TypedKind<Spec>,
  options: CallOptions = {},
): Promise<TypedList<z.output<Spec>>> {
  const listed = await listIfSupported(client, kind, options);
  if (listed.kind === 'not-supported') return listed;
  const resources: TypedResource<z.output<Spec>>[] = [];
  const unreadable: string[] = [];
  for (const resource of listed.resources) {
    const parsed = kind.spec.safeParse(resource.spec);
    if (parsed.success) {
      resources.push({ ...resource, spec: parsed.data });
      continue;
    }
    const [issue] = parsed.error.issues;
    unreadable.push(`${resource.id} at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`);
  }
  return { kind: 'listed', resources, unreadable };
}

/**
 * The resources of a type that stay and can be read: what is about to go counts as gone. `undefined` when this Talos has no
 * such type.
 */
export async function listPresent<Spec extends z.ZodType>(
  client: Pick<CosiCalls, 'cosiList'>,
  kind: TypedKind<Spec>,
  options: CallOptions = {},
): Promise<readonly TypedResource<z.output<Spec>>[] | undefined> {
  const listed = await listTyped(client, kind, options);
  return listed.kind === 'listed' ? listed.resources.filter(isPresent) : undefined;
}

export const isPresent = ({ phase }: CosiResource): boolean => phase !== 'tearingDown';
