import { KubeConfig, KubernetesObjectApi, PatchStrategy, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { dig, type KubeObject } from '../../cluster/kube-object.ts';
import { millis } from '../../core/millis.ts';
import { createKubeCredentials, type KubeCredentials } from './kube-credentials.ts';
import { serveKube } from './kube-server.ts';
import { KubeStore } from './kube-store.ts';

let credentials: KubeCredentials;
let server: Awaited<ReturnType<typeof serveKube>>;
const config = new KubeConfig();
const life = new AbortController();
const store = new KubeStore({ clock: nodeClock, establishAfter: millis(1), signal: life.signal });

beforeAll(async () => {
  credentials = await createKubeCredentials();
  server = await serveKube(store, {
    address: '127.0.0.1',
    port: 0,
    certPem: credentials.server.crt,
    keyPem: credentials.server.key,
    clientCaPem: credentials.authority.crt,
  });
  config.loadFromString(await credentials.kubeconfig(server.port));
});
afterAll(async () => {
  life.abort();
  await server.close();
});

const api = () => KubernetesObjectApi.makeApiClient(config);
const configMap = (name: string, data: Record<string, string>, labels?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...(labels === undefined ? {} : { labels }) },
  data,
});
const apply = (object: KubeObject, manager: string, force?: boolean) =>
  api().patch(structuredClone(object), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
const codeOf = async (asked: Promise<unknown>) => asked.then(() => 200).catch((thrown: unknown) => dig(thrown, 'code'));

interface Seen {
  readonly type: string;
  readonly name: string | undefined;
}

/** What a watch of ConfigMaps tells, until `count` events came. */
async function watched(query: Record<string, string | boolean>, count: number, change: () => void): Promise<Seen[]> {
  const seen: Seen[] = [];
  await new Promise<void>((resolve, reject) => {
    const controller = new Watch(config).watch(
      '/api/v1/namespaces/default/configmaps',
      query,
      (type, object: KubeObject) => {
        seen.push({ type, name: object.metadata.name });
        if (seen.length === count) void controller.then((one) => one.abort());
      },
      (error) => (seen.length >= count ? resolve() : reject(error as Error)),
    );
    controller.then(change, reject);
  });
  return seen;
}

describe('serveKube with the client library', () => {
  it('creates, reads, replaces, merges, lists and deletes', async () => {
    const made = await api().create(configMap('a', { x: '1' }, { app: 'a' }));
    expect(made.metadata).toMatchObject({
      uid: expect.any(String) as string,
      resourceVersion: expect.any(String) as string,
    });
    expect(await api().replace({ ...made, data: { x: '2' } })).toMatchObject({ data: { x: '2' } });
    expect(await codeOf(api().replace({ ...made, data: { x: '3' } }))).toBe(409);
    const merged = await api().patch(
      { ...configMap('a', { y: '9' }) },
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    );
    expect(merged).toMatchObject({ data: { x: '2', y: '9' } });
    const list = await api().list('v1', 'ConfigMap', 'default', undefined, undefined, undefined, undefined, 'app=a');
    expect(list.items.map((item) => item.metadata?.name)).toEqual(['a']);
    await api().delete(configMap('a', {}));
    expect(await codeOf(api().read(configMap('a', {})))).toBe(404);
  });

  it('applies, and answers a conflict of managers with 409 and its causes', async () => {
    await apply(configMap('b', { x: '1' }), 'one');
    const refused = apply(configMap('b', { x: '2' }), 'two');
    await expect(refused).rejects.toMatchObject({ code: 409 });
    await expect(refused).rejects.toThrow('FieldManagerConflict');
    expect(await apply(configMap('b', { x: '2' }), 'two', true)).toMatchObject({ data: { x: '2' } });
    expect(store.find('v1', 'ConfigMap', 'b', 'default')?.metadata['managedFields']).toMatchObject([
      { manager: 'two', operation: 'Apply', fieldsV1: { 'f:data': { 'f:x': {} } } },
    ]);
  });

  it('serves a new kind once its definition is Established', async () => {
    const crd: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things', singular: 'thing' },
        versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} } }],
      },
    };
    const thing = {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 'a', namespace: 'default' },
      spec: { n: 1 },
    };
    expect(await codeOf(apply(thing, 'me'))).toBe(404);
    await apply(crd, 'me');
    await expect.poll(async () => codeOf(apply(thing, 'me'))).toBe(200);
    expect(JSON.stringify(store.find(crd.apiVersion, crd.kind, crd.metadata.name)?.['status'])).toContain(
      '"Established"',
    );
    store.delete(store.kind(crd.apiVersion, crd.kind), undefined, crd.metadata.name);
    expect(await codeOf(api().read(thing))).toBe(404);
  });

  it('keeps status and spec apart', async () => {
    const deployment: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', namespace: 'default' },
      spec: { replicas: 1 },
      status: { replicas: 7 },
    };
    const made = await apply(deployment, 'me');
    expect(made).not.toHaveProperty('status');
    expect(made.metadata).toMatchObject({ generation: 1 });
    const kind = store.kind('apps/v1', 'Deployment');
    store.replace(kind, { ...deployment, spec: { replicas: 9 } }, { manager: 'kcm', subresource: 'status' });
    expect(store.find('apps/v1', 'Deployment', 'd', 'default')).toMatchObject({
      metadata: { generation: 1 },
      spec: { replicas: 1 },
      status: { replicas: 7 },
    });
    expect(await apply({ ...deployment, spec: { replicas: 2 } }, 'me')).toMatchObject({ metadata: { generation: 2 } });
  });

  it('has no namespace that nobody made, and takes its content along when it goes', async () => {
    const inside = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'room' } };
    expect(await codeOf(api().create(inside))).toBe(404);
    const room = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'room' } };
    await api().create(room);
    await api().create(inside);
    await api().delete(room);
    expect(store.find('v1', 'ConfigMap', 'a', 'room')).toBeUndefined();
  });

  it('tries without doing when asked for a dry run', async () => {
    await api().create(configMap('dry', {}), undefined, 'All');
    expect(await codeOf(api().read(configMap('dry', {})))).toBe(404);
  });

  it('watches from a resource version, through the eyes of a selector, with bookmarks', async () => {
    const before = String(store.resourceVersion);
    store.put(configMap('w1', {}, { see: 'me' }));
    store.put(configMap('w2', {}));
    const seen = await watched({ resourceVersion: before, labelSelector: 'see=me' }, 4, () => {
      store.put(configMap('w2', {}, { see: 'me' }));
      store.put(configMap('w2', {}, {}));
      store.delete(store.kind('v1', 'ConfigMap'), 'default', 'w1');
    });
    expect(seen).toEqual([
      { type: 'ADDED', name: 'w1' },
      { type: 'ADDED', name: 'w2' },
      { type: 'DELETED', name: 'w2' },
      { type: 'DELETED', name: 'w1' },
    ]);
    const marked = await watched({ allowWatchBookmarks: true, labelSelector: 'see=none' }, 1, () => undefined);
    expect(marked).toEqual([{ type: 'BOOKMARK', name: undefined }]);
  });

  it('answers a malformed request as the API does', async () => {
    const kind = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
    const unmanaged = api().patch(kind, undefined, undefined, undefined, undefined, PatchStrategy.ServerSideApply);
    await expect(unmanaged).rejects.toMatchObject({ code: 422 });
    const strategic = api().patch(kind, undefined, undefined, 'x', undefined, PatchStrategy.StrategicMergePatch);
    await expect(strategic).rejects.toMatchObject({ code: 415 });
  });
});

describe('serveKube and its clients', () => {
  it('knows nobody without a certificate', async () => {
    const anonymous = new KubeConfig();
    const { clusters, contexts } = config;
    anonymous.loadFromOptions({
      clusters,
      contexts,
      users: [{ name: 'admin' }],
      currentContext: config.currentContext,
    });
    expect(await codeOf(KubernetesObjectApi.makeApiClient(anonymous).list('v1', 'Node'))).toBe(401);
  });

  it('lets only administrators in', async () => {
    const guest = new KubeConfig();
    guest.loadFromString(await credentials.kubeconfig(server.port, 'guests'));
    expect(await codeOf(KubernetesObjectApi.makeApiClient(guest).list('v1', 'Node'))).toBe(403);
  });
});
