import { dig, digList, digText, type KubeObject, nameOf } from './kube-object.ts';

/** What an object says of itself. `stalled`: its controller has given up until somebody changes the object. */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'stalled'; readonly reason: string };

const ready: Readiness = { kind: 'ready' };
const waiting = (object: KubeObject, why: string): Readiness => ({
  kind: 'waiting',
  reason: `${nameOf(object)}: ${why}`,
});

/** A CustomResourceDefinition whose kind the API serves and whose names nobody else has. */
export function isEstablished(crd: KubeObject): boolean {
  return isTrue(crd, 'Established') && isTrue(crd, 'NamesAccepted');
}

/**
 * A source, Kustomization or HelmRelease of Flux. Ready=True counts only for the generation that the controller has
 * seen; Stalled=True means that it will not try again by itself. The controllers call a generation seen when it has
 * succeeded or stalled; what they say of one that fails carries its number in the condition alone. A suspended object is
 * never ready: its controller calls each generation of it seen and does nothing for it (source-controller and
 * kustomize-controller 1.9, `Reconcile`).
 */
export function readiness(object: KubeObject): Readiness {
  if (dig(object, 'spec', 'suspend') === true) {
    return waiting(object, 'it is suspended, and nothing happens before somebody resumes it');
  }
  const of = (type: string) => {
    const found = condition(object, type);
    return isOfThisGeneration(object, found) ? found : undefined;
  };
  const has = (type: string) => digText(of(type), 'status') === 'True';
  if (has('Stalled')) return { kind: 'stalled', reason: `${nameOf(object)}: ${says(of('Stalled'))}` };
  // One that is both Ready and Reconciling is on its way to something newer than what it says it is ready for.
  if (isCurrent(object) && has('Ready') && !has('Reconciling')) return ready;
  // While a source is tried again, Ready is Unknown, and how the last time failed is what matters.
  const isFailed = digText(of('Ready'), 'status') === 'False';
  const telling = isFailed ? 'Ready' : (['FetchFailed', 'Reconciling'].find(has) ?? 'Ready');
  const said = telling === 'Ready' && has('Ready') ? undefined : of(telling);
  return waiting(object, said === undefined ? 'its controller has not seen it yet' : says(said));
}

/** A Deployment that has what it wishes: every replica of the newest template, available (kstatus rules). */
export function deploymentReadiness(deployment: KubeObject): Readiness {
  if (!isCurrent(deployment)) return waiting(deployment, 'its controller has not seen it yet');
  const failed = condition(deployment, 'ReplicaFailure');
  if (digText(failed, 'status') === 'True') return waiting(deployment, says(failed));
  const wished = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const of = (name: string) => numberAt(deployment, 'status', name) ?? 0;
  const progress = `${of('availableReplicas')} of ${wished} replicas available, ${of('updatedReplicas')} up to date`;
  const isComplete =
    of('updatedReplicas') === wished && of('availableReplicas') === wished && of('replicas') === wished;
  if (isComplete && isTrue(deployment, 'Available')) return ready;
  const progressing = condition(deployment, 'Progressing');
  if (digText(progressing, 'status') === 'False') return waiting(deployment, `${progress}; ${says(progressing)}`);
  return waiting(deployment, progress);
}

/** A DaemonSet that has a pod of the newest template, available, on each node that is to have one (kstatus rules). */
export function daemonSetReadiness(daemonSet: KubeObject): Readiness {
  const of = (name: string) => numberAt(daemonSet, 'status', name) ?? 0;
  // It has no conditions; what its controller has not seen yet counts nothing.
  const seen = numberAt(daemonSet, 'status', 'observedGeneration');
  if (seen === undefined || seen < (daemonSet.metadata.generation ?? 0)) {
    return waiting(daemonSet, 'its controller has not seen it yet');
  }
  const wished = of('desiredNumberScheduled');
  if (of('updatedNumberScheduled') >= wished && of('numberAvailable') >= wished) return ready;
  return waiting(
    daemonSet,
    `${of('numberAvailable')} of ${wished} pods available, ${of('updatedNumberScheduled')} up to date`,
  );
}

/** A Node whose kubelet says that it can run pods; without a pod network it says why not. */
export function nodeReadiness(node: KubeObject): Readiness {
  if (isTrue(node, 'Ready')) return ready;
  return waiting(node, says(condition(node, 'Ready')));
}

/** The addresses by which the cluster reaches the node. */
export const internalAddresses = (node: KubeObject): readonly string[] =>
  digList(node, 'status', 'addresses').flatMap((one) =>
    dig(one, 'type') === 'InternalIP' ? [digText(one, 'address') ?? ''] : [],
  );

/** Whether pods may be sent to it, so far as it is not full. */
export const isSchedulable = (node: KubeObject): boolean =>
  dig(node, 'spec', 'unschedulable') !== true && nodeReadiness(node).kind === 'ready';

function condition(object: KubeObject, type: string): unknown {
  return digList(object, 'status', 'conditions').find((one) => dig(one, 'type') === type);
}

const isTrue = (object: KubeObject, type: string) => digText(condition(object, type), 'status') === 'True';

/** Of the generation that is wished: by the condition's own record, or else by that of the whole status. */
function isOfThisGeneration(object: KubeObject, one: unknown): boolean {
  const of = numberAt(one, 'observedGeneration');
  return of === undefined ? isCurrent(object) : of === object.metadata.generation;
}

/** Objects without a generation, or without a record of the one seen, cannot be behind it. */
function isCurrent(object: KubeObject): boolean {
  const seen = numberAt(object, 'status', 'observedGeneration');
  if (dig(object, 'status', 'conditions') === undefined) return false;
  return seen === undefined || object.metadata.generation === undefined || seen >= object.metadata.generation;
}

function numberAt(object: unknown, ...path: string[]): number | undefined {
  const found = dig(object, ...path);
  return typeof found === 'number' ? found : undefined;
}

function says(one: unknown): string {
  const reason = digText(one, 'reason');
  const message = digText(one, 'message')?.trim();
  const words = [reason, message].filter((word) => word !== undefined && word !== '');
  return words.length === 0 ? 'nothing is known of it yet' : words.join(': ');
}
