import { isDeepStrictEqual } from 'node:util';
import { dig, digList, digText, type KubeObject } from '../../cluster/kube-object.ts';
import { type Millis, millis, seconds } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { isReady, podProblem } from './flux-pod-problem.ts';
import { applyKustomization, fetchSource, type Outcome } from './flux-reconcile.ts';
import type { KubeStore } from './kube-store.ts';

export interface FluxOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long each thing takes that takes time: a pod to start, a source to be fetched, a Kustomization to be applied. */
  readonly moment?: Millis;
  /** What Flux applies brings the pod network: nodes become Ready this long after the first Kustomization is. */
  readonly networkAfter?: Millis;
}

const sources = ['GitRepository', 'OCIRepository'] as const;
const sourceVersion = 'source.toolkit.fluxcd.io/v1';
const kustomizeVersion = 'kustomize.toolkit.fluxcd.io/v1';

/**
 * Plays the part of the cluster around Flux until the signal: Deployments get pods when they can run (podProblem), and
 * the source and kustomize controllers work on their objects while such a Deployment holds them. Ends when aborted.
 */
export async function runFlux(store: KubeStore, options: FluxOptions): Promise<void> {
  const { clock, signal } = options;
  const moment = options.moment ?? seconds(1);
  const since = new Map<string, Millis>();
  /** Whether something has been so for a moment without a break. */
  const hasLasted = (what: string, isSo: boolean, span: Millis = moment) => {
    if (!isSo) since.delete(what);
    else if (!since.has(what)) since.set(what, clock.monotonic());
    return isSo && clock.monotonic() - (since.get(what) ?? 0) >= span;
  };

  while (!signal.aborted) {
    const now = clock.now().toISOString();
    for (const deployment of store.all('apps/v1', 'Deployment')) {
      const problem = podProblem(deployment, store);
      const id = `${deployment.metadata.uid ?? ''}#${deployment.metadata.generation ?? 0}`;
      const isUp = hasLasted(id, problem === undefined);
      write(store, deployment, deploymentStatus(deployment, isUp, problem), 'kube-controller-manager', now);
    }
    const running = containersUp(store);
    if (running.has('source-controller')) {
      for (const source of sources.flatMap((kind) => store.all(sourceVersion, kind))) {
        reconcile(source, () => fetchSource(source, store, now), 'source-controller');
      }
    }
    if (running.has('kustomize-controller')) {
      for (const one of store.all(kustomizeVersion, 'Kustomization')) {
        reconcile(one, () => applyKustomization(one, store), 'kustomize-controller');
      }
    }
    const isApplied = store.all(kustomizeVersion, 'Kustomization').some((one) => conditionIs(one, 'Ready', 'True'));
    if (options.networkAfter !== undefined && hasLasted('network', isApplied, options.networkAfter)) bringNetwork(now);
    await clock.sleep(millis(moment / 4), signal);
  }

  function reconcile(object: KubeObject, look: () => Outcome, manager: string): void {
    const now = clock.now().toISOString();
    const { generation } = object.metadata;
    const before = digList(object, 'status', 'conditions') as readonly object[];
    // As in life: the generation is not called seen before the work on it has succeeded.
    const seen = dig(object, 'status', 'observedGeneration') ?? -1;
    if (dig(object, 'spec', 'suspend') === true) {
      // What is ready and suspended is called seen with every change, though nothing is done for it.
      const isCalledSeen = object.kind === 'Kustomization' ? conditionIs(object, 'Ready', 'True') : before.length > 0;
      write(store, object, { observedGeneration: isCalledSeen ? generation : seen, conditions: before }, manager, now);
      return;
    }
    const outcome = look();
    const said = outcome.conditions.map(({ message }) => message).join();
    const isDone = hasLasted(`${object.metadata.uid ?? ''}#${generation ?? 0}${said}`, outcome.ready);
    const isOnTheWay = outcome.ready && !isDone;
    const conditions = (isOnTheWay ? outcome.onTheWay : outcome.conditions).map((one) => ({
      ...one,
      observedGeneration: generation,
    }));
    // An artifact of before stays, and what is said of it.
    const kept = before.filter((one) => dig(one, 'type') === 'ArtifactInStorage' && !isDone);
    write(
      store,
      object,
      {
        ...(isOnTheWay ? {} : outcome.status),
        observedGeneration: isDone || (!outcome.ready && outcome.seen) ? generation : seen,
        conditions: [...conditions, ...kept],
      },
      manager,
      now,
    );
  }

  function bringNetwork(now: string): void {
    for (const node of store.all('v1', 'Node').filter((one) => !isReady(one))) {
      const others = digList(node, 'status', 'conditions').filter((one) => dig(one, 'type') !== 'Ready');
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
      };
      store.put(
        {
          ...node,
          status: { ...(node['status'] as object), conditions: [...others, { ...ready, lastTransitionTime: now }] },
        },
        'kubelet',
      );
    }
  }
}

/** Writes a status when it says something else than before; conditions keep the time of their last turn. */
function write(
  store: KubeStore,
  object: KubeObject,
  status: { readonly conditions: readonly object[]; readonly [field: string]: unknown },
  manager: string,
  now: string,
): void {
  const before = digList(object, 'status', 'conditions');
  const conditions = status.conditions.map((condition) => {
    const old = before.find((one) => dig(one, 'type') === dig(condition, 'type'));
    const isSame = old !== undefined && dig(old, 'status') === dig(condition, 'status');
    return { ...condition, lastTransitionTime: isSame ? dig(old, 'lastTransitionTime') : now };
  });
  const merged = { ...(object['status'] as object | undefined), ...status, conditions };
  if (isDeepStrictEqual(merged, object['status'])) return;
  const kind = store.kind(object.apiVersion, object.kind);
  store.replace(kind, { ...object, status: merged }, { manager, subresource: 'status' });
}

function deploymentStatus(deployment: KubeObject, isUp: boolean, problem: string | undefined) {
  const wished = dig(deployment, 'spec', 'replicas') ?? 1;
  const isRefused = problem?.startsWith('pods are forbidden') === true;
  const message = problem ?? 'ReplicaSet is progressing';
  const unavailable = 'Deployment does not have minimum availability.';
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: isRefused ? 0 : wished,
    updatedReplicas: isRefused ? 0 : wished,
    availableReplicas: isUp ? wished : 0,
    readyReplicas: isUp ? wished : 0,
    conditions: [
      isUp
        ? {
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
          }
        : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: unavailable },
      { type: 'Progressing', status: 'True', reason: isUp ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated', message },
      ...(isRefused ? [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: problem }] : []),
    ],
  };
}

/** Names of the controllers whose Deployment is available, by their images. */
function containersUp(store: KubeStore): ReadonlySet<string> {
  return new Set(
    store
      .all('apps/v1', 'Deployment', { namespace: 'flux-system' })
      .filter((deployment) => conditionIs(deployment, 'Available', 'True'))
      .flatMap((deployment) => digList(deployment, 'spec', 'template', 'spec', 'containers'))
      .map((container) => /([^/:]+)(:[^/]*)?$/.exec(digText(container, 'image') ?? '')?.[1] ?? ''),
  );
}

const conditionIs = (object: KubeObject, type: string, status: string) =>
  digList(object, 'status', 'conditions').some((one) => dig(one, 'type') === type && dig(one, 'status') === status);
