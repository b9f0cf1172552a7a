import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../bin/platform/node-clock.ts';
import { Fault } from '../core/fault.ts';
import { millis } from '../core/millis.ts';
import { createKubeCredentials, type KubeCredentials } from '../test/lab/kube-credentials.ts';
import { serveKube } from '../test/lab/kube-server.ts';
import { KubeStore } from '../test/lab/kube-store.ts';
import { connectKube, type KubeClient } from './kube-client.ts';
import type { KubeObject } from './kube-object.ts';

let credentials: KubeCredentials;
let server: Awaited<ReturnType<typeof serveKube>>;
let client: KubeClient;
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
  client = connectKube(await credentials.kubeconfig(server.port));
});
afterAll(async () => {
  life.abort();
  await client.close();
  await server.close();
});

const configMap = (name: string, data: Record<string, string>, namespace = 'default'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

async function faultOf(asked: Promise<unknown>): Promise<Fault> {
  try {
    await asked;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('no fault');
}

/** Answers everything with a page for people, as a proxy does that wants a login. */
async function loginPage() {
  const { crt: cert, key } = credentials.server;
  const server = createSecureServer({ cert, key }, (_, response) => response.end('<html>Please log in')).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => server.close().closeAllConnections() };
}

/** Takes connections and never says a word. */
async function silentServer() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { server, port, close };
}

describe('apply', () => {
  it('makes an object, and makes nothing of a second time', async () => {
    const first = await client.apply(configMap('twice', { a: '1' }));
    const second = await client.apply(configMap('twice', { a: '1' }));
    expect(first).toMatchObject({ data: { a: '1' } });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('takes away what it applied before and applies no more, and nothing else', async () => {
    await client.apply(configMap('less', { a: '1', b: '2' }));
    store.put({ ...configMap('less', { a: '1', b: '2', theirs: '3' }) }, 'somebody');
    expect(await client.apply(configMap('less', { a: '1' }))).toMatchObject({ data: { a: '1', theirs: '3' } });
  });

  it('keeps every field of a definition, also those that typed clients rename', async () => {
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: {}, enum: [{}] } },
    };
    const crd: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'racks.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { kind: 'Rack', plural: 'racks', singular: 'rack' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    };
    const applied = await client.apply(crd);
    expect(applied['spec']).toEqual(crd['spec']);
  });

  it('names who owns a field and changes nothing', async () => {
    store.put(configMap('theirs', { a: 'theirs' }), 'kubectl');
    const fault = await faultOf(client.apply(configMap('theirs', { a: 'ours' })));
    expect(fault).toMatchObject({ code: 'kube/conflict', kind: 'operator' });
    expect(fault.message).toContain('conflict with "kubectl"');
    expect(fault.message).toContain('.data.a');
    expect(store.find('v1', 'ConfigMap', 'theirs', 'default')).toMatchObject({ data: { a: 'theirs' } });
  });

  it('waits for a namespace and for a kind that are not there yet', async () => {
    const fault = await faultOf(client.apply(configMap('x', {}, 'nowhere')));
    expect(fault).toMatchObject({ code: 'kube/not-found', kind: 'environment' });
    expect(fault.message).toContain('namespaces "nowhere" not found');
    const odd = { apiVersion: 'odd.example.com/v1', kind: 'Odd', metadata: { name: 'a', namespace: 'default' } };
    expect(await faultOf(client.apply(odd))).toMatchObject({ code: 'kube/not-found', kind: 'environment' });
  });

  it('finds a kind that was not served when it was first asked for', async () => {
    const late = { apiVersion: 'late.example.com/v1', kind: 'Late', metadata: { name: 'a' }, spec: {} };
    await faultOf(client.apply(late));
    await client.apply({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'lates.late.example.com' },
      spec: {
        group: 'late.example.com',
        scope: 'Cluster',
        names: { kind: 'Late', plural: 'lates', singular: 'late' },
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    });
    await expect.poll(() => store.kinds.some(({ kind }) => kind === 'Late')).toBe(true);
    expect(await client.apply(late)).toMatchObject(late);
  });

  it('shows what the API has against an object, but never the content of a Secret', async () => {
    const bad = { ...configMap('x', {}), metadata: { name: 'not a name' } };
    const fault = await faultOf(client.apply(bad));
    expect(fault).toMatchObject({ code: 'kube/rejected', kind: 'operator' });
    expect(fault.message).toContain('metadata.name');
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hunter2 hunter2' }, data: {} };
    const quiet = await faultOf(client.apply({ ...secret, metadata: { ...secret.metadata, managedFields: [] } }));
    expect(quiet.message).toMatch(/: (Invalid|BadRequest)$/);
  });
});

describe('get and list', () => {
  it('give objects as they are', async () => {
    store.put(configMap('one', { a: '1' }, 'kube-public'));
    store.put(configMap('two', { a: '2' }, 'kube-public'));
    expect(await client.get('v1', 'ConfigMap', 'one', 'kube-public')).toMatchObject(
      configMap('one', { a: '1' }, 'kube-public'),
    );
    const listed = await client.list('v1', 'ConfigMap', 'kube-public');
    expect(listed.map((object) => [object.apiVersion, object.kind, object.metadata.name])).toEqual([
      ['v1', 'ConfigMap', 'one'],
      ['v1', 'ConfigMap', 'two'],
    ]);
    expect((await client.list('v1', 'ConfigMap')).length).toBeGreaterThan(listed.length);
  });

  it('give nothing for what is not there, also when its kind is not served', async () => {
    expect(await client.get('v1', 'ConfigMap', 'absent', 'default')).toBeUndefined();
    expect(await client.get('apps/v1', 'Odd', 'absent', 'default')).toBeUndefined();
    expect(await client.get('odd.example.com/v1', 'Odd', 'absent')).toBeUndefined();
    expect(await client.list('odd.example.com/v1', 'Odd')).toEqual([]);
  });
});

describe('a connection', () => {
  it('says whether the API is ready', async () => {
    expect(await client.readyz()).toBe(true);
  });

  it('is refused for those who are not administrators', async () => {
    const stranger = connectKube(await credentials.kubeconfig(server.port, 'guests'));
    const fault = await faultOf(stranger.list('v1', 'Node'));
    await stranger.close();
    expect(fault).toMatchObject({ code: 'kube/forbidden', kind: 'operator' });
  });

  it('is refused for a certificate of another cluster, and does not trust the server of one', async () => {
    const other = await createKubeCredentials();
    const foreign = connectKube(await other.kubeconfig(server.port));
    const fault = await faultOf(foreign.readyz());
    await foreign.close();
    expect(fault.code).toBe('kube/unreachable');
    expect(fault.message).toMatch(/certificate/);
  });

  it('waits for a server that is not there', async () => {
    const gone = await silentServer();
    await gone.close();
    const nobody = connectKube(await credentials.kubeconfig(gone.port));
    const fault = await faultOf(nobody.readyz());
    await nobody.close();
    expect(fault).toMatchObject({ code: 'kube/unreachable', kind: 'environment' });
    expect(fault.message).toContain('ECONNREFUSED');
  });

  it('takes an answer that is no JSON for somebody else’s, and waits', async () => {
    const page = await loginPage();
    const there = connectKube(await credentials.kubeconfig(page.port));
    const fault = await faultOf(there.list('v1', 'Node'));
    expect(fault).toMatchObject({ code: 'kube/unreachable', kind: 'environment' });
    expect(fault.message).toContain('no JSON');
    await there.close();
    page.close();
  });

  it('ends at once when its signal does', async () => {
    const silent = await silentServer();
    const waiting = connectKube(await credentials.kubeconfig(silent.port));
    const stop = new AbortController();
    silent.server.once('connection', () => stop.abort());
    const fault = await faultOf(waiting.readyz(stop.signal));
    await waiting.close();
    await silent.close();
    expect(fault.message).toContain('given up');
  });

  it.each([
    ['no YAML', ': :\n -', 'YAML'],
    ['nothing', '', 'YAML'],
    [
      'no cluster',
      'apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\ncurrent-context: a',
      'no cluster',
    ],
  ])('asks nothing by a kubeconfig with %s', async (_, text, why) => {
    await expect(connectKube(text).readyz()).rejects.toThrow(why);
  });

  it('never shows the key of a kubeconfig that cannot be read', async () => {
    const fault = await faultOf(connectKube('users: [{name: a, user: {client-key-data: c2VjcmV0, : ]}').readyz());
    expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toContain('c2VjcmV0');
    expect(fault.cause).toBeUndefined();
  });
});
