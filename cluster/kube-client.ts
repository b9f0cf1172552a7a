import { Fault } from '../core/fault.ts';
import { dig, digList, type KubeObject, nameOf } from './kube-object.ts';
import { type KubeTransport, openTransport } from './kube-transport.ts';

/** Owner of every field that Rackwright applies. */
const fieldManager = 'rackwright';

/**
 * Asks and changes one cluster. Every request ends within 10 s; faults: `kube/unreachable`, `kube/unavailable` and
 * `kube/not-found` (waiting may help), `kube/forbidden`, `kube/rejected` and `kube/conflict` (the operator must act).
 */
export interface KubeClient {
  /**
   * Server-side apply: the fields given become ours and have these values, fields that we gave before and give no
   * more go away, all others stay. Never by force: `kube/conflict` names who owns a field. Gives the object as it is now.
   */
  apply(object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** `undefined` when there is no such object, or no such kind yet. */
  get(
    apiVersion: string,
    kind: string,
    name: string,
    namespace?: string,
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined>;
  /** All objects of a kind; of one namespace when it is given. Empty when the kind is not served yet. */
  list(apiVersion: string, kind: string, namespace?: string, signal?: AbortSignal): Promise<readonly KubeObject[]>;
  /** Resolves too when there is no such object. What is to end first (finalizers) may go on after that. */
  delete(apiVersion: string, kind: string, name: string, namespace?: string, signal?: AbortSignal): Promise<void>;
  /**
   * Asks a pod to go, as far as disruption budgets let it: `kube/unavailable` while they do not. Resolves too when there
   * is no such pod; it is gone when it is not listed any more.
   */
  evict(pod: string, namespace: string, signal?: AbortSignal): Promise<void>;
  /** Whether the API server says of itself that it is ready; throws only when it does not answer or lets us not ask. */
  readyz(signal?: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

/** A client for the current context of a kubeconfig; the first request reads it and connects. Fault `kube/kubeconfig`. */
export function connectKube(kubeconfigText: string): KubeClient {
  const transport = openTransport(kubeconfigText);
  const kinds = new Map<string, Resource>();

  const resourceOf = async (apiVersion: string, kind: string, signal?: AbortSignal) => {
    const known = kinds.get(`${apiVersion}/${kind}`);
    if (known !== undefined) return known;
    for (const resource of await discover(transport, apiVersion, signal)) {
      kinds.set(`${apiVersion}/${resource.kind}`, resource);
    }
    return kinds.get(`${apiVersion}/${kind}`);
  };

  return {
    async apply(object, signal) {
      const { apiVersion, kind, metadata } = object;
      const what = `apply ${nameOf(object)}`;
      // An unknown kind is asked for all the same: the 404 of the API is then the fault that says so.
      const resource = (await resourceOf(apiVersion, kind, signal)) ?? {
        kind,
        name: `${kind.toLowerCase()}s`,
        namespaced: true,
      };
      const applied = await transport.sendForJson(
        {
          method: 'PATCH',
          path: `${pathOf(apiVersion, resource, metadata.namespace, metadata.name)}?fieldManager=${fieldManager}`,
          // JSON is YAML, and every API server since 1.16 takes it as such.
          contentType: 'application/apply-patch+yaml',
          body: JSON.stringify(object),
          what,
          isSecret: kind === 'Secret',
        },
        signal,
      );
      return applied as KubeObject;
    },

    async get(apiVersion, kind, name, namespace, signal) {
      return absentWhenNotFound(async () => {
        const resource = await resourceOf(apiVersion, kind, signal);
        if (resource === undefined) return undefined;
        const what = `get ${nameOf({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })}`;
        const path = pathOf(apiVersion, resource, namespace, name);
        return (await transport.sendForJson({ method: 'GET', path, what }, signal)) as KubeObject;
      });
    },

    async list(apiVersion, kind, namespace, signal) {
      const items = await absentWhenNotFound(async () => {
        const resource = await resourceOf(apiVersion, kind, signal);
        if (resource === undefined) return [];
        const path = pathOf(apiVersion, resource, namespace);
        const body = await transport.sendForJson({ method: 'GET', path, what: `list ${kind}` }, signal);
        return digList(body, 'items') as readonly KubeObject[];
      });
      // The items of a list of the API carry neither of the two.
      return (items ?? []).map((item) => ({ ...item, apiVersion, kind }));
    },

    async delete(apiVersion, kind, name, namespace, signal) {
      await absentWhenNotFound(async () => {
        const resource = await resourceOf(apiVersion, kind, signal);
        if (resource === undefined) return;
        const what = `delete ${nameOf({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })}`;
        await transport.send({ method: 'DELETE', path: pathOf(apiVersion, resource, namespace, name), what }, signal);
      });
    },

    async evict(pod, namespace, signal) {
      await absentWhenNotFound(async () => {
        const pods: Resource = { kind: 'Pod', name: 'pods', namespaced: true };
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
        await transport.send(
          {
            method: 'POST',
            path: `${pathOf('v1', pods, namespace, pod)}/eviction`,
            contentType: 'application/json',
            body: JSON.stringify(eviction),
            what: `evict Pod ${namespace}/${pod}`,
          },
          signal,
        );
      });
    },

    async readyz(signal) {
      try {
        await transport.send({ method: 'GET', path: '/readyz', what: 'answer /readyz' }, signal);
        return true;
      } catch (thrown) {
        if (thrown instanceof Fault && thrown.code === 'kube/unavailable') return false;
        throw thrown;
      }
    },

    close: () => transport.close(),
  };
}

interface Resource {
  readonly kind: string;
  /** The plural of the path: `deployments`. */
  readonly name: string;
  readonly namespaced: boolean;
}

async function discover(transport: KubeTransport, apiVersion: string, signal?: AbortSignal): Promise<Resource[]> {
  const found = await absentWhenNotFound(async () => {
    const request = { method: 'GET', path: rootOf(apiVersion), what: `list the kinds of ${apiVersion}` } as const;
    return transport.sendForJson(request, signal);
  });
  // `deployments/status` and the like are parts of a resource.
  return (digList(found, 'resources') as readonly Resource[]).filter((one) => !String(dig(one, 'name')).includes('/'));
}

const rootOf = (apiVersion: string) => `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`;

function pathOf(apiVersion: string, resource: Resource, namespace?: string, name?: string): string {
  const parts = [rootOf(apiVersion)];
  const where = namespace ?? (name === undefined ? undefined : 'default');
  if (resource.namespaced && where !== undefined) parts.push('namespaces', encodeURIComponent(where));
  parts.push(resource.name);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  return parts.join('/');
}

async function absentWhenNotFound<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'kube/not-found') return undefined;
    throw thrown;
  }
}
