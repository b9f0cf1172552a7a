import { dig, digText, type KubeObject } from '../../cluster/kube-object.ts';
import { KubeError } from './kube-status.ts';
import type { KubeStore } from './kube-store.ts';

const tooMany = (message: string) => new KubeError(429, 'TooManyRequests', message);

/**
 * What the API does for `POST …/pods/NAME/eviction`: a pod that runs goes only when its disruption budget has room, as the
 * controller of budgets last wrote it; a budget that the controller has not seen has none.
 */
export function evictPod(store: KubeStore, pod: KubeObject): void {
  const { name, namespace = 'default' } = pod.metadata;
  if (digText(pod, 'status', 'phase') === 'Running') {
    const budget = store.all('policy/v1', 'PodDisruptionBudget', { namespace }).find((one) => covers(one, pod));
    if (budget !== undefined) takeRoom(store, budget);
  }
  store.delete(store.kind('v1', 'Pod'), namespace, name);
}

function takeRoom(store: KubeStore, budget: KubeObject): void {
  const of = (field: string) => Number(dig(budget, 'status', field) ?? 0);
  const { name, generation = 0 } = budget.metadata;
  if (of('observedGeneration') < generation) {
    throw tooMany(
      `Cannot evict pod as it would violate the pod's disruption budget. The disruption budget ${name} is still being processed by the server.`,
    );
  }
  if (of('disruptionsAllowed') < 1) {
    throw tooMany("Cannot evict pod as it would violate the pod's disruption budget.");
  }
  const status = dig(budget, 'status') as object;
  store.put({ ...budget, status: { ...status, disruptionsAllowed: of('disruptionsAllowed') - 1 } });
}

const covers = (budget: KubeObject, { metadata }: KubeObject): boolean =>
  Object.entries((dig(budget, 'spec', 'selector', 'matchLabels') ?? {}) as Record<string, string>).every(
    ([label, value]) => metadata.labels?.[label] === value,
  );
