import { readFileSync } from 'node:fs';
import { KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fluxObjects, type KubeObject, parseManifests, revisionOf } from '../../cluster/index.ts';
import { dig, digList, digText } from '../../cluster/kube-object.ts';
import type { FluxSource } from '../../core/rack-spec.ts';
import { handOffToFlux } from '../../installer/steps/hand-off-to-flux.ts';
import { type FluxPeer, fleet, startRealFlux, startSimulatedFlux } from './flux-controllers/flux-peers.ts';
import { applied, failures, fetched, gitAt, ociAt, type Source } from './flux-controllers/hand-off-failures.ts';
import { type HandOffRun, runHandOff } from './flux-controllers/run-hand-off.ts';
import type { FluxPod } from './flux-controllers/start-flux-pod.ts';

const aBuildAt = 45 * 60_000;
const handedOff = ['flux/hand-off'];
const everything = ['flux/definitions', 'flux/controllers', ...handedOff];
const soon = { timeout: 60_000 };
const { signal } = new AbortController();

let peer: FluxPeer;
let pod: FluxPod | undefined;
let run: HandOffRun | undefined;
const handOff = (source: FluxSource, ids?: string[]) => (run = runHandOff(peer, source, ids));
const git = (source?: Source) => gitAt(peer.host, source);
const oci = (source?: Source) => ociAt(peer.host, source);
const specOf = (object: KubeObject) => object['spec'] as object;
const there = (object: KubeObject) =>
  peer.client.get(object.apiVersion, object.kind, object.metadata.name, object.metadata.namespace);
const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});

/** As an operator with kubectl. */
async function asOperator(object: KubeObject): Promise<void> {
  const config = new KubeConfig();
  config.loadFromString(peer.kubeconfig);
  const api = KubernetesObjectApi.makeApiClient(config);
  await api.patch(structuredClone(object), undefined, undefined, 'kubectl', true, PatchStrategy.ServerSideApply);
}

/** Type, status and reason of each condition, which of them are of an older generation, and which one is called seen. */
async function shapeOf(object: KubeObject): Promise<readonly string[]> {
  const is = await there(object);
  const generation = is?.metadata.generation;
  const conditions = digList(is, 'status', 'conditions').map((one) => {
    const isOld = dig(one, 'observedGeneration') !== generation;
    return `${['type', 'status', 'reason'].map((key) => digText(one, key)).join(' ')}${isOld ? ' (old)' : ''}`;
  });
  const seen = dig(is, 'status', 'observedGeneration');
  return [...conditions.sort(), seen === generation ? 'seen' : seen === -1 ? 'never seen' : `seen ${String(seen)}`];
}

/** Nothing is followed any more, and what was applied is pruned. */
async function forget(): Promise<void> {
  const left = [oci(), git()].flatMap((one) => Object.values(fluxObjects(one)).reverse());
  for (const { apiVersion, kind, metadata } of left) {
    await peer.client.delete(apiVersion, kind, metadata.name, metadata.namespace);
  }
  const isGone = async () => (await Promise.all(left.map(there))).every((one) => one === undefined);
  await vi.waitUntil(isGone, { ...soon, interval: 50 });
}

afterEach(async () => {
  await run?.leave();
  run = undefined;
  await forget();
});

/** What the hand-off and the simulated controllers take for granted of Flux, asked of the one and of the other. */
describe.each([
  ["Flux' own controllers", startRealFlux],
  ['the simulated controllers', startSimulatedFlux],
])('%s', (_, start) => {
  beforeAll(async () => {
    peer = await start();
  }, aBuildAt);
  afterAll(() => peer.stop());

  it('are waited for while their kinds are not defined', async () => {
    const sentence =
      'The Kubernetes API did not apply GitRepository flux-system/flux-system: its kind is not defined there';
    await handOff(git()).waitsFor(new RegExp(`^${sentence}$`));
  });

  it('are installed and pointed, and it is done when they have applied the revision', async () => {
    const { result, waitsFor } = handOff(git(), everything);
    if (peer.real !== undefined) {
      await waitsFor(/^Deployment flux-system\/flux: /);
      pod = await peer.real.cluster.startPod();
    }
    expect(await result).toMatchObject({ done: everything, failed: [] });
    const { source, kustomization } = fluxObjects(git());
    expect(await shapeOf(source)).toEqual(fetched);
    expect(await shapeOf(kustomization)).toEqual(applied);
    const revision = revisionOf((await there(kustomization))!);
    expect(revision).toMatch(/^main@sha1:[0-9a-f]{40}$/);
    expect(revision).toBe(revisionOf((await there(source))!));
  });

  it('follow an artifact of a registry', async () => {
    expect(await handOff(oci()).result).toMatchObject({ done: handedOff });
    const { source, kustomization } = fluxObjects(oci());
    expect(await shapeOf(source)).toEqual(fetched);
    expect(await shapeOf(kustomization)).toEqual(applied);
    expect(revisionOf((await there(kustomization))!)).toMatch(/^v1@sha256:[0-9a-f]{64}$/);
  });

  it.each(failures)('say why with $what, and go on once it is corrected', async (failure) => {
    const from = failure.at(peer.host, failure.source);
    const { waitsFor, leave } = handOff(from);
    await waitsFor(failure.sentence);
    const { source, kustomization } = fluxObjects(from);
    await expect.poll(() => shapeOf(source), soon).toEqual(failure.ofSource);
    await expect.poll(() => shapeOf(kustomization), soon).toEqual(failure.ofKustomization);
    expect(await leave()).toMatchObject({ done: [], failed: [], interrupted: true });
    expect(await handOff(failure.at(peer.host)).result).toMatchObject({ done: handedOff });
    expect(await shapeOf(source)).toEqual(fetched);
    expect(await shapeOf(kustomization)).toEqual(applied);
  });

  it('give up on an address that can be none, and so does the hand-off, in their words', async () => {
    const { failed } = await handOff(oci({ named: 'Fleet' })).result;
    expect(failed.map(({ fault }) => `${fault.code} ${fault.message}`)).toEqual([
      expect.stringMatching(
        /^installer\/flux-stalled .*OCIRepository flux-system\/flux-system: URLInvalid: URL validation failed for 'oci:.*Fleet': /,
      ),
    ]);
    const { source } = fluxObjects(oci());
    expect(await shapeOf(source)).toEqual([
      'FetchFailed True URLInvalid',
      'Ready False URLInvalid',
      'Stalled True URLInvalid',
      'seen',
    ]);
  });

  it('wait for a source that nobody has made', async () => {
    const { kustomization } = fluxObjects(git());
    await peer.client.apply(kustomization);
    await expect.poll(() => shapeOf(kustomization), soon).toEqual(['Ready False ArtifactFailed', 'never seen']);
    const ready = digList(await there(kustomization), 'status', 'conditions')[0];
    expect(digText(ready, 'message')).toBe('GitRepository.source.toolkit.fluxcd.io "flux-system" not found');
  });

  it('are not waited for in silence while somebody has suspended them', async () => {
    const { kustomization } = fluxObjects(git());
    const suspended = (suspend: boolean) => ({ ...kustomization, spec: { ...specOf(kustomization), suspend } });
    await asOperator(suspended(true));
    const { waitsFor, result } = handOff(git());
    await waitsFor(/^Kustomization flux-system\/flux-system: it is suspended/);
    expect(await shapeOf(kustomization)).toEqual(['never seen']);
    await asOperator(suspended(false));
    expect(await result).toMatchObject({ done: handedOff });
  });

  it('call what is suspended seen and ready, which the hand-off does not believe', async () => {
    await handOff(git()).result;
    const { kustomization } = fluxObjects(git());
    const changed = { ...specOf(kustomization), suspend: true, path: './broken' };
    await asOperator({ ...kustomization, spec: changed });
    const believed = ['Ready True ReconciliationSucceeded (old)', 'seen'];
    await expect.poll(() => shapeOf(kustomization), soon).toEqual(believed);
    await handOff(git({ path: './broken' })).waitsFor(/: it is suspended/);
  });

  it('are only read once the hand-off was confirmed, and not called handed off when they follow another address', async () => {
    await handOff(git()).result;
    const check = (source: FluxSource) => {
      const plan = handOffToFlux({ ...peer, kube: (use) => use(peer.client), objects: fluxObjects(source), after: [] });
      return plan.at(-1)!.check({ uncertain: false, confirmed: true }, signal);
    };
    expect(await check(git())).toEqual({ kind: 'done' });
    await expect(check(git({ named: 'other' }))).rejects.toMatchObject({ code: 'installer/flux-source-changed' });
  });
});

describe('with objects that are really applied', () => {
  beforeAll(async () => {
    peer = await startRealFlux();
    const { result, waitsFor, leave } = handOff(git(), everything);
    await waitsFor(/^Deployment flux-system\/flux: /);
    pod = await peer.real?.cluster.startPod();
    await Promise.race([result, waitsFor(/GitRepository/)]);
    await leave();
    await forget();
  }, aBuildAt);
  afterAll(() => peer.stop());

  it('has of each controller what the manifest of the tests says of it', () => {
    const { deployments = [], definitions = [] } = peer.real?.programs ?? {};
    const text = readFileSync(new URL('../lab/flux-install.yaml', import.meta.url), 'utf8');
    const standIn = parseManifests(text, 'flux-install.yaml');
    const named = (wanted: KubeObject) =>
      standIn.find(({ kind, metadata }) => kind === wanted.kind && metadata.name === wanted.metadata.name);
    for (const definition of definitions) {
      const versions = digList(definition, 'spec', 'versions').map((one) => dig(one, 'name'));
      const ours = digList(named(definition), 'spec', 'versions').map((one) => dig(one, 'name'));
      expect(versions, definition.metadata.name).toEqual(expect.arrayContaining(ours));
      expect(dig(named(definition), 'spec', 'names', 'plural')).toBe(dig(definition, 'spec', 'names', 'plural'));
    }
    for (const deployment of deployments) {
      const [theirs, ours] = [deployment, named(deployment)].map(
        (one) => digList(one, 'spec', 'template', 'spec', 'containers')[0],
      );
      for (const part of ['args', 'env']) {
        expect(digList(ours, part), part).toEqual(expect.arrayContaining([...digList(theirs, part)]));
      }
      for (const part of ['ports', 'livenessProbe', 'readinessProbe', 'volumeMounts', 'securityContext']) {
        expect(dig(ours, part), part).toEqual(dig(theirs, part));
      }
    }
    expect(definitions.length).toBeGreaterThan(5);
    expect(deployments).toHaveLength(2);
  });

  it('is done only when what the source holds is there, however late the source is', async () => {
    const { waitsFor, result } = handOff(oci({ named: 'late' }));
    await waitsFor(/OCIArtifactPullFailed/);
    expect(await there(configMap('from-source'))).toBeUndefined();
    const revision = await peer.real?.source.push('late', 'v1', fleet);
    expect(await result).toMatchObject({ done: handedOff });
    expect((await there(configMap('from-source')))?.metadata.labels).toMatchObject({
      'kustomize.toolkit.fluxcd.io/name': 'flux-system',
    });
    expect(revisionOf((await there(fluxObjects(oci()).kustomization))!)).toBe(revision);
  });

  it('is not done by what was applied from the address before', async () => {
    await handOff(git()).result;
    const { kustomization } = fluxObjects(git());
    const next = await peer.real?.source.commit('next', {
      'clusters/a/object.yaml': JSON.stringify(configMap('next')),
    });
    pod?.freeze('kustomize-controller');
    const { waitsFor, result } = handOff(git({ named: 'next' }));
    const sentence = await waitsFor(/ of its source is not applied yet$/).finally(() =>
      pod?.resume('kustomize-controller'),
    );
    expect(sentence).toBe(`Kustomization flux-system/flux-system: ${next ?? ''} of its source is not applied yet`);
    expect(await result).toMatchObject({ done: handedOff });
    expect(revisionOf((await there(kustomization))!)).toBe(next);
    expect(await there(configMap('next'))).toBeDefined();
    expect(await there(configMap('from-source'))).toBeUndefined();
  });

  it('says that nobody answers where the source is to be', async () => {
    const refused = /^GitRepository \S+ GitOperationFailed: .*dial tcp 127.0.0.1:1: connect: connection refused$/;
    await handOff(gitAt('127.0.0.1:1')).waitsFor(refused);
  });

  it.each([
    [
      'undefined',
      /: ReconciliationFailed: Odd\/default\/a dry-run failed: no matches for kind "Odd" in version "odd.example.com\/v1"$/,
    ],
    ['refused', /: ReconciliationFailed: ConfigMap\/default\/Not_A_Name dry-run failed \(Invalid\): /],
  ])('says what the API says of an object that is %s', async (folder, sentence) => {
    await handOff(git({ path: `./${folder}` })).waitsFor(sentence);
  });
});
