import { type Metadata, status } from '@grpc/grpc-js';
import { apiAt } from './node-apis.ts';
import { Refusal } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** Who is to answer a call. */
export type Route =
  | { readonly kind: 'one'; readonly target: Target }
  | { readonly kind: 'many'; readonly targets: readonly Target[] };

export interface Target {
  /** As the caller wrote it. */
  readonly name: string;
  /** `undefined`: nobody answers there. */
  readonly node: TalosNode | undefined;
  /** Aborted when the API of that node goes away. */
  readonly gone: AbortSignal | undefined;
}

/** Only these can be asked for several nodes at once. */
const oneToMany: ReadonlySet<string> = new Set([
  'machine.MachineService',
  'cluster.ClusterService',
  'inspect.InspectService',
  'storage.StorageService',
  'time.TimeService',
]);

/**
 * What apid makes of the metadata `node` and `nodes`. In maintenance mode nothing. Only control planes hold a client
 * certificate with which they can pass calls on.
 */
export function routeOf(node: TalosNode, service: string, metadata: Metadata): Route {
  const own: Target = { name: '', node, gone: undefined };
  const one = fieldsOf(metadata, 'node');
  const many = fieldsOf(metadata, 'nodes');
  if (!node.isConfigured || (one.length === 0 && many.length === 0)) return { kind: 'one', target: own };
  if (metadata.get('proxyfrom').length > 0) return { kind: 'one', target: own };
  const isSelf = (name: string) => name === node.address || name === node.hostname || name === '127.0.0.1';
  const targetOf = (name: string): Target => {
    if (isSelf(name)) return { ...own, name };
    const found = apiAt(node.host.fabric, name);
    return { name, node: found?.node, gone: found?.gone };
  };
  if (one.length > 1) throw new Refusal(status.INVALID_ARGUMENT, 'only one target node is allowed');
  if (one.length === 0 && !oneToMany.has(service)) {
    throw new Refusal(status.INVALID_ARGUMENT, 'one-2-many proxying is not supported');
  }
  const names = one.length === 1 ? one : many;
  if (node.config?.type === 'worker' && !(names.length === 1 && names.every(isSelf))) {
    throw new Refusal(status.PERMISSION_DENIED, 'no request forwarding');
  }
  const targets = names.map(targetOf);
  const [first] = targets;
  return one.length === 1 && first !== undefined ? { kind: 'one', target: first } : { kind: 'many', targets };
}

/** Node's HTTP/2 joins the fields of one name by a comma and a space; a value with a comma alone is one bad name. */
const fieldsOf = (metadata: Metadata, name: string) => metadata.get(name).flatMap((value) => String(value).split(', '));

/** What a caller hears of a node that does not answer. */
export const unreachable = (name: string): Refusal =>
  new Refusal(
    status.UNAVAILABLE,
    `connection error: desc = "transport: Error while dialing: dial tcp ${name}:50000: connect: connection refused"`,
  );
