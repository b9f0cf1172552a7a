import { parse } from 'yaml';
import type { KubeObject } from '../../cluster/kube-object.ts';
import { discoveryAt } from './kube-discovery.ts';
import { evictPod } from './kube-evict.ts';
import { apiVersionOf, type KindInfo } from './kube-kinds.ts';
import { mismatch, type Route, routeOf } from './kube-route.ts';
import type { Write } from './kube-server-fields.ts';
import { badRequest, invalid, KubeError, notFound } from './kube-status.ts';
import type { KubeStore } from './kube-store.ts';
import type { WatchOptions } from './kube-watch-stream.ts';

export interface KubeRequestParts {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly contentType: string;
  readonly userAgent: string;
}

export type KubeAnswer =
  | { readonly kind: 'object'; readonly code: number; readonly object: object }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'watch'; readonly of: KindInfo; readonly options: WatchOptions };

/** What the API answers to one request; refusals are `KubeError`s. */
export function answerKube(store: KubeStore, request: KubeRequestParts): KubeAnswer {
  const parts = request.url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const [root] = parts;
  if (['readyz', 'livez', 'healthz'].includes(root ?? '')) return { kind: 'text', text: 'ok' };
  if (root === 'version') return object({ major: '1', minor: '34', gitVersion: 'v1.34.1', platform: 'linux/amd64' });
  const discovery = request.method === 'GET' ? discoveryAt(parts, store.kinds) : undefined;
  if (discovery !== undefined) return object(discovery);
  if (request.method === 'POST' && parts.at(-1) === 'eviction') {
    evictPod(store, mustRead(store, routeOf(parts.slice(0, -1), store.kinds)));
    return object({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', code: 201 }, 201);
  }
  const route = routeOf(parts, store.kinds);
  switch (request.method) {
    case 'GET':
      return route.name === undefined
        ? listOrWatch(store, route, request.url.searchParams)
        : object(mustRead(store, route));
    case 'POST':
      return object(store.create(route.kind, bodyFor(route, request), writeOf(route, request)), 201);
    case 'PUT':
      return object(store.replace(route.kind, bodyFor(route, request), writeOf(route, request)));
    case 'PATCH':
      return patch(store, route, request);
    case 'DELETE':
      if (route.name === undefined) throw methodNotAllowed();
      return object(store.delete(route.kind, route.namespace, route.name, isDryRun(request)));
    default:
      throw methodNotAllowed();
  }
}

const object = (value: object, code = 200): KubeAnswer => ({ kind: 'object', code, object: value });
const methodNotAllowed = () =>
  new KubeError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

function mustRead(store: KubeStore, { kind, namespace, name = '' }: Route): KubeObject {
  const found = store.read(kind, namespace, name);
  if (found === undefined) throw notFound(kind.group, kind.plural, name);
  return found;
}

function listOrWatch(store: KubeStore, { kind, namespace }: Route, query: URLSearchParams): KubeAnswer {
  const text = (name: string) => query.get(name) ?? undefined;
  const [labelSelector, fieldSelector] = [text('labelSelector'), text('fieldSelector')];
  const selection = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
  if (query.get('watch') === 'true' || query.get('watch') === '1') {
    const options: WatchOptions = {
      ...selection,
      resourceVersion: query.get('resourceVersion') ?? '',
      bookmarks: query.get('allowWatchBookmarks') === 'true',
      initialEvents: query.get('sendInitialEvents') === 'true',
    };
    return { kind: 'watch', of: kind, options };
  }
  return object({
    apiVersion: apiVersionOf(kind),
    kind: `${kind.kind}List`,
    metadata: { resourceVersion: String(store.resourceVersion) },
    // As in life, the items of a list do not repeat what they are.
    items: store.list(kind, selection).map(({ apiVersion: _, kind: __, ...item }) => item),
  });
}

function patch(store: KubeStore, route: Route, request: KubeRequestParts): KubeAnswer {
  const write = writeOf(route, request);
  const { kind, namespace, name = '' } = route;
  switch (request.contentType.split(';')[0]?.trim()) {
    case 'application/apply-patch+yaml': {
      if (request.url.searchParams.get('fieldManager') === null) {
        throw invalid('fieldManager: Required value: is required for apply patch');
      }
      const isNew = store.read(kind, namespace, name) === undefined;
      const force = request.url.searchParams.get('force') === 'true';
      return object(store.apply(kind, bodyFor(route, request), { ...write, force }), isNew ? 201 : 200);
    }
    case 'application/merge-patch+json': {
      if (request.url.searchParams.has('force'))
        throw invalid('force: Forbidden: may not be specified for non-apply patch');
      const live = mustRead(store, route);
      return object(store.replace(kind, mergePatch(live, parseBody(request)) as KubeObject, write));
    }
    default:
      throw new KubeError(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/merge-patch+json, application/apply-patch+yaml',
      );
  }
}

/** RFC 7396. */
function mergePatch(target: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change;
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isMap ? { ...target } : {};
  for (const [name, value] of Object.entries(change)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

function writeOf({ subresource }: Route, request: KubeRequestParts): Write {
  const named = request.url.searchParams.get('fieldManager');
  return {
    manager: named ?? request.userAgent.split('/')[0] ?? 'unknown',
    dryRun: isDryRun(request),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

const isDryRun = (request: KubeRequestParts) => request.url.searchParams.get('dryRun') === 'All';

function parseBody({ body }: KubeRequestParts): unknown {
  try {
    return parse(body);
  } catch {
    throw badRequest('error decoding: the body is neither JSON nor YAML');
  }
}

/** The object of the body, with the namespace and name of the path. */
function bodyFor(route: Route, request: KubeRequestParts): KubeObject {
  const body = parseBody(request);
  const why = mismatch(route, body);
  if (why !== undefined) throw badRequest(why);
  const sent = body as KubeObject & { readonly metadata?: object };
  const metadata = { ...sent.metadata, ...(route.name === undefined ? {} : { name: route.name }) };
  const name: unknown = metadata.name;
  if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/i.test(name)) {
    throw invalid(`${route.kind.kind} ${JSON.stringify(name)} is invalid: metadata.name: Invalid value`);
  }
  return {
    ...sent,
    metadata: { ...metadata, ...(route.namespace === undefined ? {} : { namespace: route.namespace }) },
  };
}
