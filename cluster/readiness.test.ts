import { describe, expect, it } from 'vitest';
import type { KubeObject } from './kube-object.ts';
import {
  daemonSetReadiness,
  deploymentReadiness,
  internalAddresses,
  isEstablished,
  isSchedulable,
  nodeReadiness,
  readiness,
} from './readiness.ts';

const object = (kind: string, status: object, rest: object = {}, generation = 2): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'it', namespace: 'here', generation },
  ...rest,
  status,
});
const says = (type: string, status: string, reason = 'Because', message = 'of this') => ({
  type,
  status,
  reason,
  message,
});

describe('isEstablished', () => {
  it('asks for both the names and the kind', () => {
    const crd = (...conditions: object[]) => object('CustomResourceDefinition', { conditions });
    expect(isEstablished(crd(says('NamesAccepted', 'True'), says('Established', 'True')))).toBe(true);
    expect(isEstablished(crd(says('NamesAccepted', 'True'), says('Established', 'False')))).toBe(false);
    expect(isEstablished(crd(says('Established', 'True')))).toBe(false);
    expect(isEstablished(crd())).toBe(false);
  });
});

describe('readiness', () => {
  const flux = (observedGeneration: number | undefined, ...conditions: object[]) =>
    object('Kustomization', { observedGeneration, conditions });

  it('is ready when Ready is true for the generation that is wished', () => {
    expect(readiness(flux(2, says('Ready', 'True')))).toEqual({ kind: 'ready' });
  });

  it('waits while the controller has seen only an older generation', () => {
    expect(readiness(flux(1, says('Ready', 'True')))).toMatchObject({ kind: 'waiting' });
    expect(readiness(flux(-1))).toMatchObject({ kind: 'waiting' });
  });

  it('waits for an object that nobody has written a status to', () => {
    expect(readiness(object('Kustomization', {}))).toEqual({
      kind: 'waiting',
      reason: 'Kustomization here/it: its controller has not seen it yet',
    });
  });

  it('gives the words of the controller while it waits', () => {
    expect(
      readiness(flux(2, says('Ready', 'False', 'ArtifactFailed', 'no artifact'), says('Reconciling', 'True'))),
    ).toEqual({
      kind: 'waiting',
      reason: 'Kustomization here/it: ArtifactFailed: no artifact',
    });
  });

  it('waits while something newer is on its way, also when the older is ready', () => {
    expect(readiness(flux(2, says('Ready', 'True'), says('Reconciling', 'True')))).toMatchObject({ kind: 'waiting' });
  });

  describe('as the controllers of Flux write it, condition by condition with its generation', () => {
    const own = (one: object, observedGeneration = 2) => ({ ...one, observedGeneration });
    const failed = own(says('Ready', 'False', 'GitOperationFailed', 'repository not found'));
    const retrying = own(says('Reconciling', 'True', 'ProgressingWithRetry', 'building artifact'));
    const reasonOf = (seen: number | undefined, ...conditions: object[]) => readiness(flux(seen, ...conditions));

    it('gives the words of a generation that fails and was never called seen', () => {
      expect(reasonOf(-1, retrying, failed)).toEqual({
        kind: 'waiting',
        reason: 'Kustomization here/it: GitOperationFailed: repository not found',
      });
    });

    it('keeps to what failed while it is tried again, and else tells what goes on', () => {
      const trying = own(says('Ready', 'Unknown', 'Progressing', 'building artifact'));
      const fetch = own(says('FetchFailed', 'True', 'GitOperationFailed', 'repository not found'));
      const building = own(says('Reconciling', 'True', 'Progressing', 'building manifests'));
      expect(reasonOf(-1, retrying, trying, fetch)).toMatchObject({
        reason: expect.stringMatching(/not found$/) as string,
      });
      expect(reasonOf(-1, building, trying)).toMatchObject({ reason: expect.stringMatching(/manifests$/) as string });
    });

    it('does not give the words of an older generation for this one', () => {
      for (const conditions of [[own(failed, 1)], [own(says('Ready', 'True'), 1)], [own(says('Ready', 'True'))]]) {
        expect(reasonOf(1, ...conditions)).toEqual({
          kind: 'waiting',
          reason: 'Kustomization here/it: its controller has not seen it yet',
        });
      }
    });

    it('stops at a Stalled of this generation although it was never called seen', () => {
      const stalled = own(says('Stalled', 'True', 'AccessDenied', 'no'));
      expect(reasonOf(-1, failed, stalled)).toEqual({
        kind: 'stalled',
        reason: 'Kustomization here/it: AccessDenied: no',
      });
      expect(reasonOf(1, own(stalled, 1))).toMatchObject({ kind: 'waiting' });
    });

    it('does not take a suspended one for ready, though its controller calls it seen and ready', () => {
      const is = object(
        'Kustomization',
        { observedGeneration: 2, conditions: [own(says('Ready', 'True'), 1)] },
        { spec: { suspend: true } },
      );
      expect(readiness(is)).toMatchObject({ kind: 'waiting', reason: expect.stringContaining('suspended') as string });
    });
  });

  it('stops at Stalled and shows its message', () => {
    const stalled = flux(2, says('Ready', 'False'), says('Stalled', 'True', 'InvalidPath', 'no such path'));
    expect(readiness(stalled)).toEqual({ kind: 'stalled', reason: 'Kustomization here/it: InvalidPath: no such path' });
  });

  it('does not stop at a Stalled of an older generation: the change may have mended it', () => {
    expect(readiness(flux(1, says('Stalled', 'True')))).toMatchObject({ kind: 'waiting' });
  });
});

describe('deploymentReadiness', () => {
  const deployment = (status: object, replicas = 1) => object('Deployment', status, { spec: { replicas } });
  const full = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  const conditions = [says('Available', 'True'), says('Progressing', 'True')];

  it('is available when every replica is of the newest template and available', () => {
    expect(deploymentReadiness(deployment({ ...full, conditions }))).toEqual({ kind: 'ready' });
  });

  it.each([
    ['an older generation', { ...full, observedGeneration: 1, conditions }],
    ['a replica that is not available', { ...full, availableReplicas: 0, conditions }],
    ['a replica of an older template', { ...full, replicas: 2, conditions }],
    ['no condition', { ...full, conditions: [] }],
    ['nothing at all', {}],
  ])('is not with %s', (_, status) => {
    expect(deploymentReadiness(deployment(status))).toMatchObject({ kind: 'waiting' });
  });

  it('says why pods are not even made', () => {
    const failed = says('ReplicaFailure', 'True', 'FailedCreate', 'violates PodSecurity');
    expect(deploymentReadiness(deployment({ ...full, replicas: 0, conditions: [failed] }))).toEqual({
      kind: 'waiting',
      reason: 'Deployment here/it: FailedCreate: violates PodSecurity',
    });
  });
});

describe('nodeReadiness', () => {
  it('gives the words of the kubelet', () => {
    const message = 'container runtime network not ready: cni plugin not initialized';
    expect(nodeReadiness(object('Node', { conditions: [says('Ready', 'False', 'KubeletNotReady', message)] }))).toEqual(
      {
        kind: 'waiting',
        reason: `Node here/it: KubeletNotReady: ${message}`,
      },
    );
    expect(nodeReadiness(object('Node', { conditions: [says('Ready', 'True')] }))).toEqual({ kind: 'ready' });
    expect(nodeReadiness(object('Node', { conditions: [says('Ready', 'Unknown')] }))).toMatchObject({
      kind: 'waiting',
    });
  });
});

describe('daemonSetReadiness', () => {
  const full = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };

  it('is ready with a pod of the newest template on each node, also when that is on none', () => {
    expect(daemonSetReadiness(object('DaemonSet', full))).toEqual({ kind: 'ready' });
    expect(daemonSetReadiness(object('DaemonSet', { observedGeneration: 2 }))).toEqual({ kind: 'ready' });
  });

  it.each([
    ['an older generation', { ...full, observedGeneration: 1 }, /has not seen it yet/],
    ['no status', {}, /has not seen it yet/],
    ['a pod that is not available', { ...full, numberAvailable: 2 }, /here\/it: 2 of 3 pods available, 3 up to date/],
    ['a pod of an older template', { ...full, updatedNumberScheduled: 1 }, /3 of 3 pods available, 1 up to date/],
  ])('waits with %s', (_, status, reason) => {
    expect(daemonSetReadiness(object('DaemonSet', status))).toEqual({
      kind: 'waiting',
      reason: expect.stringMatching(reason) as string,
    });
  });
});

describe('a node', () => {
  const addresses = [
    { type: 'Hostname', address: 'node-1' },
    { type: 'InternalIP', address: '10.0.0.11' },
    { type: 'InternalIP', address: 'fd00::11' },
  ];

  it('tells the addresses by which the cluster reaches it', () => {
    expect(internalAddresses(object('Node', { addresses }))).toEqual(['10.0.0.11', 'fd00::11']);
    expect(internalAddresses(object('Node', {}))).toEqual([]);
  });

  it('takes pods when it is Ready and nobody has cordoned it', () => {
    const ready = { conditions: [says('Ready', 'True')] };
    expect(isSchedulable(object('Node', ready))).toBe(true);
    expect(isSchedulable(object('Node', ready, { spec: { unschedulable: true } }))).toBe(false);
    expect(isSchedulable(object('Node', {}))).toBe(false);
  });
});
