import { Fault } from '../core/fault.ts';
import type { CallOptions } from './call-end.ts';
import type { CosiCalls } from './client/cosi-calls.ts';
import type { CosiResource, ResourceKind } from './cosi-resource.ts';

export type Listed =
  | { readonly kind: 'listed'; readonly resources: readonly CosiResource[] }
  /** This Talos has no such type: none of its resources will ever be there. */
  | { readonly kind: 'not-supported' };

/** All resources of a type that some versions of Talos do not have. */
export async function listIfSupported(
  client: Pick<CosiCalls, 'cosiList'>,
  kind: ResourceKind,
  options: CallOptions = {},
): Promise<Listed> {
  try {
    return { kind: 'listed', resources: await client.cosiList(kind, options) };
  } catch (fault) {
    if (fault instanceof Fault && fault.code === 'talos/not-supported') return { kind: 'not-supported' };
    throw fault;
  }
}
