import { describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject } from '../../cluster/index.ts';
import type { Step, StepPast } from '../../core/step.ts';
import { handOffToFlux } from './hand-off-to-flux.ts';

const never: StepPast = { uncertain: false, confirmed: false };
const { signal } = new AbortController();
const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(kind === 'Deployment' || kind.endsWith('y') ? { namespace: 'flux-system' } : {}) },
  ...more,
});
const crd = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'kustomizations.kustomize.toolkit.fluxcd.io');
const deployment = object('apps/v1', 'Deployment', 'flux', { spec: { replicas: 1 } });
const source = object('source.toolkit.fluxcd.io/v1', 'GitRepository', 'flux-system', {
  spec: { url: 'https://git.lab/fleet' },
});
const kustomization = object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', 'flux-system');
const with_ = (base: KubeObject, ...conditions: object[]) => ({ ...base, status: { conditions } });
/** Ready, the source having fetched this revision, the Kustomization having applied it. */
const readyAt = (base: KubeObject, revision: string) => ({
  ...base,
  status: {
    conditions: [is('Ready', 'True')],
    ...(base.kind === 'Kustomization' ? { lastAppliedRevision: revision } : { artifact: { revision } }),
  },
});
const is = (type: string, status: 'True' | 'False', message = '') => ({ type, status, reason: type, message });

function cluster(...there: KubeObject[]) {
  const applied: string[] = [];
  const objects = new Map(there.map((one) => [`${one.kind} ${one.metadata.name}`, one]));
  const client = {
    apply: async (one: KubeObject) => (applied.push(one.kind), one),
    get: async (_apiVersion: string, kind: string, name: string) => objects.get(`${kind} ${name}`),
  } as unknown as KubeClient;
  const plan = handOffToFlux({
    kube: (use) => use(client),
    manifest: [deployment, crd],
    objects: { source, kustomization },
    after: ['nodes'],
  });
  const step = (id: string): Step => plan.find((one) => one.id === id)!;
  return { plan, step, applied };
}

describe('handOffToFlux', () => {
  it('defines, runs, points and then waits, each after the one before', () => {
    expect(cluster().plan.map(({ id, after }) => [id, after])).toEqual([
      ['flux/definitions', ['nodes']],
      ['flux/controllers', ['flux/definitions']],
      ['flux/hand-off', ['flux/controllers']],
    ]);
  });

  it('applies what was never confirmed, whatever is there already, and only reads it from then on', async () => {
    const { step, applied } = cluster(with_(crd, is('Established', 'True'), is('NamesAccepted', 'True')));
    const definitions = step('flux/definitions');
    expect(await definitions.check(never, signal)).toMatchObject({ kind: 'todo' });
    expect(await definitions.check({ ...never, uncertain: true }, signal)).toMatchObject({ kind: 'todo' });
    expect(await definitions.check({ uncertain: false, confirmed: true }, signal)).toEqual({ kind: 'done' });
    expect(applied).toEqual([]);
    await definitions.apply!(signal);
    expect(applied).toEqual(['CustomResourceDefinition']);
    expect(await definitions.check({ ...never, uncertain: true }, signal)).toEqual({ kind: 'done' });
  });

  it.each([
    [
      'a definition is not established',
      'flux/definitions',
      [with_(crd, is('Established', 'False'))],
      /not established/,
    ],
    [
      'a controller is not available',
      'flux/controllers',
      [with_(deployment, is('Available', 'False'))],
      /0 of 1 replicas/,
    ],
    ['an object went away', 'flux/controllers', [], /Deployment flux-system\/flux is not there/],
    [
      'the source is not fetched',
      'flux/hand-off',
      [with_(source, is('Ready', 'False', 'no such host')), kustomization],
      /no such host/,
    ],
    [
      'it is not applied',
      'flux/hand-off',
      [readyAt(source, 'main@sha1:b'), with_(kustomization, is('Ready', 'False', 'building'))],
      /building/,
    ],
    [
      'only the revision before it is applied',
      'flux/hand-off',
      [readyAt(source, 'main@sha1:b'), readyAt(kustomization, 'main@sha1:a')],
      /^Kustomization flux-system: main@sha1:b of its source is not applied yet$/,
    ],
    [
      'nobody knows what was fetched',
      'flux/hand-off',
      [with_(source, is('Ready', 'True')), with_(kustomization, is('Ready', 'True'))],
      /is not applied yet/,
    ],
  ])('waits while %s', async (_what, id, there, reason) => {
    const verdict = await cluster(...there)
      .step(id)
      .check({ uncertain: false, confirmed: true }, signal);
    expect(verdict).toMatchObject({ kind: 'blocked', reason: expect.stringMatching(reason) as string });
  });

  it('points Flux anew in every run until a revision was seen to be applied', async () => {
    const { step, applied } = cluster(readyAt(source, 'main@sha1:b'), readyAt(kustomization, 'main@sha1:b'));
    const handOff = step('flux/hand-off');
    expect(await handOff.check({ ...never, uncertain: true }, signal)).toMatchObject({ kind: 'todo' });
    await handOff.apply!(signal);
    expect(applied).toEqual(['GitRepository', 'Kustomization']);
    expect(await handOff.check({ ...never, uncertain: true }, signal)).toEqual({ kind: 'done' });
  });

  it('does not call a cluster handed off that follows another address than the rack file says', async () => {
    const elsewhere = with_({ ...source, spec: { url: 'https://git.lab/old' } }, is('Ready', 'True'));
    const { step } = cluster(elsewhere, with_(kustomization, is('Ready', 'True')));
    await expect(step('flux/hand-off').check({ uncertain: false, confirmed: true }, signal)).rejects.toMatchObject({
      code: 'installer/flux-source-changed',
      message: expect.stringContaining('https://git.lab/fleet') as string,
    });
  });

  it('ends with the words of Flux when it has given up', async () => {
    const { step } = cluster(with_(source, is('Stalled', 'True', 'unsupported scheme')), kustomization);
    const handOff = step('flux/hand-off');
    await handOff.apply!(signal);
    await expect(handOff.check(never, signal)).rejects.toMatchObject({
      code: 'installer/flux-stalled',
      message: expect.stringContaining('unsupported scheme') as string,
    });
  });
});
