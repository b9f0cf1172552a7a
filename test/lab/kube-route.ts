import { apiVersionOf, type KindInfo } from './kube-kinds.ts';
import { noSuchResource } from './kube-status.ts';

/** What a REST path of the API is about. */
export interface Route {
  readonly kind: KindInfo;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: 'status';
}

/** `/api/v1/…` or `/apis/group/version/…`, already split and decoded. 404 for what is not served. */
export function routeOf(parts: readonly string[], kinds: readonly KindInfo[]): Route {
  const [root, ...rest] = parts;
  if (root !== 'api' && root !== 'apis') throw noSuchResource();
  const [group, version, ...path] = root === 'api' ? ['', ...rest] : rest;
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  const isNamespaced = path[0] === 'namespaces' && path.length > 2 && path[2] !== 'status';
  const [namespace, plural, name, sub, ...beyond] = isNamespaced ? path.slice(1) : [undefined, ...path];
  const kind = served.find((one) => one.plural === plural);
  const isScoped = kind?.namespaced === true ? isNamespaced || name === undefined : !isNamespaced;
  const isStatus = sub === 'status' && kind?.hasStatus === true;
  if (kind === undefined || !isScoped || beyond.length > 0 || (sub !== undefined && !isStatus)) throw noSuchResource();
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(isStatus ? { subresource: 'status' } : {}),
  };
}

/** Why a body does not belong at a route; `undefined` when it does. */
export function mismatch({ kind, namespace, name }: Route, body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return 'the body is not an object';
  const { apiVersion, kind: bodyKind, metadata } = body as { apiVersion?: string; kind?: string; metadata?: object };
  if (apiVersion !== apiVersionOf(kind)) return `the API version in the data (${apiVersion ?? ''}) does not match`;
  if (bodyKind !== kind.kind) return `the kind in the data (${bodyKind ?? ''}) does not match ${kind.kind}`;
  const own = (metadata ?? {}) as { name?: string; namespace?: string };
  if (name !== undefined && own.name !== undefined && own.name !== name) {
    return 'the name of the object does not match the name on the URL';
  }
  if (own.namespace !== undefined && own.namespace !== namespace) {
    return 'the namespace of the provided object does not match the namespace sent on the request';
  }
  return undefined;
}
