import type { KubeObject } from './kube-object.ts';

export interface ApplyOrder {
  /** Namespaces and CustomResourceDefinitions: to be there, and the definitions Established, before the rest. */
  readonly first: readonly KubeObject[];
  readonly rest: readonly KubeObject[];
}

/**
 * What others need comes first: a namespace before what is in it, a definition before its objects, an account and its
 * rights before the pods that use them. Objects of equal rank keep the order in which they came.
 */
export function orderForApply(objects: readonly KubeObject[]): ApplyOrder {
  const first = objects.filter((object) => firstKinds.includes(object.kind));
  const rest = objects.filter((object) => !firstKinds.includes(object.kind));
  return { first: byRank(first, firstKinds), rest: byRank(rest, restKinds) };
}

const firstKinds = ['Namespace', 'CustomResourceDefinition'];
/** Kinds that are named here come in this order, all others after them. */
const restKinds = [
  'PriorityClass',
  'ResourceQuota',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'Secret',
  'ConfigMap',
  'NetworkPolicy',
  'Service',
  'Deployment',
];

function byRank(objects: readonly KubeObject[], kinds: readonly string[]): KubeObject[] {
  const rank = ({ kind }: KubeObject) => (kinds.includes(kind) ? kinds.indexOf(kind) : kinds.length);
  return objects.toSorted((a, b) => rank(a) - rank(b));
}
