import { readFileSync } from 'node:fs';
import { KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import {
  arrangeFlux,
  connectKube,
  fluxObjects,
  isEstablished,
  type KubeClient,
  type KubeObject,
  orderForApply,
  parseManifests,
} from '../../cluster/index.ts';
import { openTransport } from '../../cluster/kube-transport.ts';
import { Fault } from '../../core/fault.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import type { Step } from '../../core/step.ts';
import { checkNodes, checkSystemPods, type UseKube } from '../../installer/steps/check-kubernetes.ts';
import { createKubeCredentials, type KubeCredentials } from '../lab/kube-credentials.ts';
import { serveKube } from '../lab/kube-server.ts';
import { KubeStore } from '../lab/kube-store.ts';
import { buildControlPlane, startControlPlane } from './kube-apiserver/start-control-plane.ts';

const manifest = readFileSync(new URL('../lab/flux-install.yaml', import.meta.url), 'utf8');
const aBuildAt = 45 * 60_000;
const aStartAt = 60_000;

interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

const servers: Readonly<Record<string, (credentials: KubeCredentials) => Promise<Server>>> = {
  'the real kube-apiserver': async (credentials) => startControlPlane(await buildControlPlane(), credentials),
  'the simulated API': async (credentials) => {
    const life = new AbortController();
    const server = await serveKube(new KubeStore({ clock: nodeClock, signal: life.signal }), {
      address: '127.0.0.1',
      port: 0,
      certPem: credentials.server.crt,
      keyPem: credentials.server.key,
      clientCaPem: credentials.authority.crt,
    });
    const stop = async () => {
      life.abort();
      await server.close();
    };
    return { port: server.port, stop };
  },
};

const configMap = (name: string, data: Record<string, string>, namespace = 'default'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});
const faultOf = async (asked: Promise<unknown>): Promise<Fault> =>
  asked.then(
    () => Promise.reject(new Error('no fault')),
    (thrown: unknown) => (thrown instanceof Fault ? thrown : Promise.reject(thrown as Error)),
  );

/** What cluster/ and the simulated API both take for granted of Kubernetes, asked of the one and of the other. */
describe.each(Object.entries(servers))('%s', (_, start) => {
  let credentials: KubeCredentials;
  let server: Server;
  let client: KubeClient;

  beforeAll(async () => {
    credentials = await createKubeCredentials();
    server = await start(credentials);
    client = connectKube(await credentials.kubeconfig(server.port));
    const isUp = async () => (await client.readyz()) && (await client.get('v1', 'Namespace', 'default')) !== undefined;
    await vi.waitUntil(() => isUp().catch(() => false), { timeout: aStartAt, interval: 200 });
  }, aBuildAt);
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  const asKubectl = async (object: KubeObject, force?: boolean) => {
    const config = new KubeConfig();
    config.loadFromString(await credentials.kubeconfig(server.port));
    const api = KubernetesObjectApi.makeApiClient(config);
    return api.patch(structuredClone(object), undefined, undefined, 'kubectl', force, PatchStrategy.ServerSideApply);
  };

  it('makes nothing of applying the same thing twice', async () => {
    const first = await client.apply(configMap('twice', { a: '1' }));
    const second = await client.apply(configMap('twice', { a: '1' }));
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect((await client.apply(configMap('twice', { a: '2' }))).metadata.resourceVersion).not.toBe(
      first.metadata.resourceVersion,
    );
  });

  it('removes what is applied no more, and keeps what another manager applied', async () => {
    await client.apply(configMap('less', { a: '1', b: '2' }));
    await asKubectl(configMap('less', { c: '3' }));
    expect((await client.apply(configMap('less', { a: '1' })))['data']).toEqual({ a: '1', c: '3' });
  });

  it('refuses a field of another manager and names it', async () => {
    await asKubectl(configMap('theirs', { a: 'theirs' }));
    const fault = await faultOf(client.apply(configMap('theirs', { a: 'ours' })));
    expect(fault.code).toBe('kube/conflict');
    expect(fault.message).toContain('conflict with "kubectl" (.data.a)');
  });

  it('lets an owner lose a field by force, and then meet the conflict itself', async () => {
    await client.apply(configMap('forced', { a: 'ours' }));
    await asKubectl(configMap('forced', { a: 'theirs' }), true);
    expect((await faultOf(client.apply(configMap('forced', { a: 'ours' })))).code).toBe('kube/conflict');
  });

  it('has the same words for what is not there', async () => {
    const nowhere = await faultOf(client.apply(configMap('x', {}, 'nowhere')));
    expect(nowhere.code).toBe('kube/not-found');
    expect(nowhere.message).toContain('namespaces "nowhere" not found');
    const odd = { apiVersion: 'odd.example.com/v1', kind: 'Odd', metadata: { name: 'a' } };
    expect((await faultOf(client.apply(odd))).code).toBe('kube/not-found');
    expect(await client.get('v1', 'ConfigMap', 'absent', 'default')).toBeUndefined();
    expect(await client.list('odd.example.com/v1', 'Odd')).toEqual([]);
  });

  it('refuses a name that is none, and does not let the content of a Secret out', async () => {
    expect((await faultOf(client.apply(configMap('Not_A_Name', {})))).code).toBe('kube/rejected');
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'Not_A_Name' }, stringData: { a: 'hunter2' } };
    expect((await faultOf(client.apply(secret))).message).not.toContain('hunter2');
  });

  it('lets nobody in who is not an administrator', async () => {
    const guest = connectKube(await credentials.kubeconfig(server.port, 'guests'));
    const fault = await faultOf(guest.list('v1', 'Secret'));
    await guest.close();
    expect(fault.code).toBe('kube/forbidden');
  });

  it('counts generations of a Deployment, and keeps its status apart', async () => {
    const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    const deployment = (replicas: number): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'default' },
      spec: { replicas, selector: { matchLabels: { app: 'a' } }, template },
    });
    expect((await client.apply(deployment(1))).metadata.generation).toBe(1);
    expect((await client.apply(deployment(1))).metadata.generation).toBe(1);
    expect((await client.apply(deployment(2))).metadata.generation).toBe(2);
  });

  /** What a controller or a kubelet writes of an object. */
  const report = async (object: KubeObject, status: object) => {
    const { apiVersion, kind, metadata } = object;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const where = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
    const transport = openTransport(await credentials.kubeconfig(server.port));
    await transport.send({
      method: 'PATCH',
      path: `${root}${where}/${kind.toLowerCase()}s/${metadata.name}/status`,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ status }),
      what: `report ${kind}`,
    });
    await transport.close();
  };

  it('deletes an object, also one that is not there and one of a kind that nobody knows', async () => {
    await client.apply(configMap('gone', { a: '1' }));
    await client.delete('v1', 'ConfigMap', 'gone', 'default');
    expect(await client.get('v1', 'ConfigMap', 'gone', 'default')).toBeUndefined();
    await client.delete('v1', 'ConfigMap', 'gone', 'default');
    await client.delete('odd.example.com/v1', 'Odd', 'gone');
    await client.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'gone' } });
    await client.delete('v1', 'Node', 'gone');
    expect(await client.get('v1', 'Node', 'gone')).toBeUndefined();
  });

  it('keeps what somebody wants to finish first, marked as going', async () => {
    const held = configMap('held', {});
    await client.apply({ ...held, metadata: { ...held.metadata, finalizers: ['example.com/wait'] } });
    await client.delete('v1', 'ConfigMap', 'held', 'default');
    const there = await client.get('v1', 'ConfigMap', 'held', 'default');
    expect(there?.metadata['deletionTimestamp']).toMatch(/^20/);
    await client.apply(held);
    expect(await client.get('v1', 'ConfigMap', 'held', 'default')).toBeUndefined();
  });

  it('evicts a pod as far as its disruption budget lets it', async () => {
    await client.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: 'default' },
    });
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'web' }] },
    };
    const budget: KubeObject = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    };
    await client.apply(pod);
    await report(pod, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    await client.apply(budget);
    const refused = async () => faultOf(client.evict('web', 'default'));
    expect(await refused()).toMatchObject({ code: 'kube/unavailable', kind: 'environment' });
    const healthy = { observedGeneration: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
    await report(budget, { ...healthy, disruptionsAllowed: 0 });
    expect((await refused()).message).toContain('evict Pod default/web: TooManyRequests');
    expect(await client.get('v1', 'Pod', 'web', 'default')).toBeDefined();
    await report(budget, { ...healthy, disruptionsAllowed: 1 });
    await client.evict('web', 'default');
    expect(await client.get('v1', 'Pod', 'web', 'default')).toBeUndefined();
    await client.evict('web', 'default');
  });

  describe('the checks of a healthy cluster', () => {
    const kube: UseKube = (use) => use(client);
    const spec = (cni: 'flannel' | 'none') =>
      ({ cluster: { cni }, machines: [{ name: 'node-1', address: '10.0.0.11' }] }) as unknown as RackSpec;
    const ask = (step: Step) => step.check({ uncertain: false, confirmed: false }, new AbortController().signal);
    const nodes = (cni: 'flannel' | 'none') => ask(checkNodes({ kube, spec: spec(cni), after: [] }));
    const systemPods = () => ask(checkSystemPods({ kube, after: [] }));
    const node = (unschedulable: boolean): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1' },
      spec: { unschedulable },
    });
    const workload = (kind: 'DaemonSet' | 'Deployment', name: string): KubeObject => ({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace: 'kube-system' },
      spec: {
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name }] } },
      },
    });
    const reasoned = (words: string) => ({ kind: 'blocked', reason: expect.stringContaining(words) as string });

    it('want each machine as a node by its own address, and Ready where the pod network is there', async () => {
      expect(await nodes('none')).toEqual({ kind: 'blocked', reason: 'not registered yet: node-1' });
      await client.apply(node(false));
      expect(await nodes('none')).toEqual(reasoned('node-1 is registered with no address, not with 10.0.0.11'));
      await report(node(false), { addresses: [{ type: 'InternalIP', address: '10.9.9.9' }] });
      expect(await nodes('none')).toEqual(reasoned('registered with 10.9.9.9'));
      await report(node(false), { addresses: [{ type: 'InternalIP', address: '10.0.0.11' }] });
      expect(await nodes('none')).toEqual({ kind: 'done' });
      expect(await nodes('flannel')).toEqual(reasoned('Node node-1:'));
    });

    it('wait for what Talos runs there, and not for what is switched off', async () => {
      expect(await systemPods()).toEqual({ kind: 'done' });
      await report(node(false), { conditions: [{ type: 'Ready', status: 'True' }] });
      const proxy = workload('DaemonSet', 'kube-proxy');
      await client.apply(proxy);
      expect(await systemPods()).toEqual(reasoned('DaemonSet kube-system/kube-proxy: its controller has not seen it'));
      const counts = {
        observedGeneration: 1,
        currentNumberScheduled: 1,
        desiredNumberScheduled: 1,
        numberMisscheduled: 0,
      };
      await report(proxy, { ...counts, numberReady: 0, updatedNumberScheduled: 1 });
      expect(await systemPods()).toEqual(reasoned('0 of 1 pods available'));
      await report(proxy, { ...counts, numberReady: 1, numberAvailable: 1, updatedNumberScheduled: 1 });
      expect(await systemPods()).toEqual({ kind: 'done' });
      await client.apply(workload('Deployment', 'coredns'));
      expect(await systemPods()).toEqual(reasoned('Deployment kube-system/coredns'));
    });

    it('do not wait for ever where somebody has cordoned what there is', async () => {
      await client.apply(node(true));
      await report(node(true), {
        addresses: [{ type: 'InternalIP', address: '10.0.0.11' }],
        conditions: [{ type: 'Ready', status: 'True' }],
      });
      expect(await nodes('flannel')).toEqual({ kind: 'done' });
      expect(await systemPods()).toEqual({ kind: 'done' });
    });
  });

  it.each(['flannel', 'none'] as const)('takes Flux as it is arranged for a cluster with cni %s', async (cni) => {
    const release = parseManifests(manifest, 'flux-install.yaml');
    const { first, rest } = orderForApply(arrangeFlux(release, { cni, dnsDomain: 'rack.local' }));
    for (const object of first) await client.apply(object);
    for (const { apiVersion, kind, metadata } of first.filter((object) => object.kind === 'CustomResourceDefinition')) {
      const isThere = async () => {
        const crd = await client.get(apiVersion, kind, metadata.name);
        return crd !== undefined && isEstablished(crd);
      };
      await expect.poll(isThere, { timeout: aStartAt, interval: 100 }).toBe(true);
    }
    for (const object of rest) {
      const applied = await client.apply(object);
      expect(applied).toMatchObject(withoutQuantities(object));
      expect((await client.apply(object)).metadata.resourceVersion).toBe(applied.metadata.resourceVersion);
    }
    const url = 'oci://10.0.0.2/rack';
    for (const object of Object.values(
      fluxObjects({ kind: 'OCIRepository', url, tag: 'v1', path: './', insecure: true }),
    )) {
      expect(await client.apply(object)).toMatchObject(object);
    }
  });
});

/** The object without its quantities, which the API writes in a way of its own: `1k` for 1000. */
function withoutQuantities(object: KubeObject): object {
  const isQuantities = (key: string) => ['requests', 'limits', 'hard'].includes(key);
  return JSON.parse(JSON.stringify(object), (key, value: unknown) => (isQuantities(key) ? undefined : value)) as object;
}
