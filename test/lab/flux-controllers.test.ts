import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  arrangeFlux,
  deploymentReadiness,
  fluxObjects,
  type KubeObject,
  nodeReadiness,
  orderForApply,
  parseManifests,
  readiness,
} from '../../cluster/index.ts';
import { type Millis, millis, seconds } from '../../core/millis.ts';
import type { FluxSource } from '../../core/rack-spec.ts';
import { runFlux } from './flux-controllers.ts';
import { KubeStore } from './kube-store.ts';

const release = parseManifests(
  readFileSync(new URL('flux-install.yaml', import.meta.url), 'utf8'),
  'flux-install.yaml',
);
const there: FluxSource = { kind: 'OCIRepository', url: 'oci://10.0.0.2/rack', tag: 'v1', path: './', insecure: true };

let life = new AbortController();
afterEach(() => life.abort());

/** A rack with one node and Flux's objects, in virtual time: minutes pass in a moment. */
function rack({
  cni,
  objects = release,
  networkAfter,
}: {
  cni: 'none' | 'flannel';
  objects?: KubeObject[];
  networkAfter?: Millis;
}) {
  life = new AbortController();
  let now = 0;
  const clock = {
    now: () => new Date(Date.UTC(2026, 0, 1) + now),
    monotonic: () => millis(now),
    async sleep(span: Millis) {
      now += span;
      await turn();
    },
  };
  const store = new KubeStore({ clock, signal: life.signal });
  const isReady = cni === 'flannel' ? 'True' : 'False';
  const condition = {
    type: 'Ready',
    status: isReady,
    reason: 'KubeletNotReady',
    message: 'cni plugin not initialized',
  };
  store.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, status: { conditions: [condition] } });
  const apply = (object: KubeObject) =>
    store.apply(store.kind(object.apiVersion, object.kind), object, { manager: 'rackwright' });
  const passes = async (span: Millis, isSo = () => false) => {
    for (const until = now + span; now < until && !isSo(); ) await turn();
    return isSo();
  };
  return {
    store,
    passes,
    async install(source: FluxSource = there) {
      const { first, rest } = orderForApply(objects);
      first.map(apply);
      void runFlux(store, { clock, signal: life.signal, ...(networkAfter === undefined ? {} : { networkAfter }) });
      await passes(seconds(5));
      rest.map(apply);
      Object.values(fluxObjects(source)).map(apply);
    },
    state() {
      const flux = (kind: string, group: string) =>
        store.find(`${group}.toolkit.fluxcd.io/v1`, kind, 'flux-system', 'flux-system');
      const of = (object: KubeObject | undefined, read: (object: KubeObject) => { kind: string; reason?: string }) =>
        object === undefined ? 'absent' : (read(object).reason ?? read(object).kind);
      return {
        flux: store.all('apps/v1', 'Deployment').map((one) => of(one, deploymentReadiness)),
        source: of(flux(there.kind, 'source') ?? flux('GitRepository', 'source'), readiness),
        kustomization: of(flux('Kustomization', 'kustomize'), readiness),
        node: of(store.find('v1', 'Node', 'n1'), nodeReadiness),
      };
    },
  };
}

const arranged = (objects = release) => arrangeFlux(objects, { cni: 'none', dnsDomain: 'cluster.local' });
const ready = 'ready';

describe('runFlux', () => {
  it('brings an arranged Flux up before the network, and the network with it', async () => {
    const one = rack({ cni: 'none', objects: arranged(), networkAfter: seconds(20) });
    await one.install();
    expect(await one.passes(seconds(10), () => one.state().kustomization === ready)).toBe(true);
    expect(one.state()).toMatchObject({
      flux: [ready],
      source: ready,
      node: expect.stringContaining('cni plugin') as string,
    });
    expect(await one.passes(seconds(30), () => one.state().node === ready)).toBe(true);
  });

  it('brings the release up as it is where there is a network', async () => {
    const one = rack({ cni: 'flannel' });
    await one.install();
    await one.passes(seconds(10));
    expect(one.state()).toEqual({
      flux: [ready, ready, ready, ready],
      source: ready,
      kustomization: ready,
      node: ready,
    });
  });

  it('never brings the release up as it is where there is no network', async () => {
    const one = rack({ cni: 'none', networkAfter: seconds(1) });
    await one.install();
    await one.passes(seconds(120));
    expect(one.state().flux.join()).not.toContain(ready);
    expect(one.state().node).toContain('cni plugin');
  });

  const without = (change: (object: KubeObject) => unknown): KubeObject[] =>
    arranged().map((object) => JSON.parse(JSON.stringify(change(object))) as KubeObject);
  const replaced = (from: string | RegExp, to: string) =>
    without((object) => JSON.parse(JSON.stringify(object).replace(from, to)) as unknown);

  it.each([
    ['the privileged namespace', replaced('pod-security.kubernetes.io/enforce', 'x'), 'PodSecurity'],
    ['the quota', arranged().filter((object) => object.kind !== 'ResourceQuota'), 'quota'],
    ['the account', arranged().filter((object) => object.kind !== 'ServiceAccount'), 'service account'],
    ['the toleration', replaced('node.kubernetes.io/not-ready', 'x'), '0 of 1'],
    ['ports of their own', replaced('"containerPort":9793', '"containerPort":9791'), '0 of 1'],
    ['the way to the API', replaced('KUBERNETES_SERVICE_HOST', 'X'), '0 of 1'],
  ])('never brings it up without %s', async (_, objects, why) => {
    const one = rack({ cni: 'none', objects });
    await one.install();
    await one.passes(seconds(120));
    expect(one.state().flux[0]).toContain(why);
    expect(one.state().kustomization).not.toBe(ready);
  });

  it('keeps a source that is nowhere from being ready, and says why', async () => {
    const one = rack({ cni: 'flannel' });
    await one.install({ ...there, url: 'oci://10.0.0.2/missing' });
    await one.passes(seconds(120));
    expect(one.state().source).toContain('OCIArtifactPullFailed');
    expect(one.state().kustomization).toContain('ArtifactFailed');
  });

  it('keeps a source from being ready while its secret is not there', async () => {
    const one = rack({ cni: 'flannel' });
    await one.install({
      kind: 'GitRepository',
      url: 'https://git.example/a',
      branch: 'main',
      path: './',
      secret: 'key',
    });
    await one.passes(seconds(60));
    expect(one.state().source).toContain('secrets "key" not found');
    one.store.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'flux-system' }, data: {} });
    expect(await one.passes(seconds(60), () => one.state().kustomization === ready)).toBe(true);
  });

  it('leaves alone what is suspended', async () => {
    const one = rack({ cni: 'flannel' });
    await one.install();
    const { kustomization } = fluxObjects(there);
    one.store.put({ ...kustomization, spec: { ...(kustomization['spec'] as object), suspend: true } }, 'operator');
    await one.passes(seconds(120));
    expect(one.state()).toMatchObject({
      source: ready,
      kustomization: expect.stringContaining('it is suspended') as string,
    });
  });
});
