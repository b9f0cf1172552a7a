import { dig, digList, digText, type KubeObject } from '../../cluster/kube-object.ts';

/** One resource that the API serves. */
export interface KindInfo {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
}

export const apiVersionOf = ({ group, version }: Pick<KindInfo, 'group' | 'version'>) =>
  group === '' ? version : `${group}/${version}`;

const served = (apiVersion: string, scope: 'Namespaced' | 'Cluster', kinds: Readonly<Record<string, string>>) => {
  const [version, group = ''] = apiVersion.split('/').toReversed();
  return Object.entries(kinds).map(
    ([kind, plural]): KindInfo => ({
      group,
      version: version ?? apiVersion,
      kind,
      plural,
      singular: kind.toLowerCase(),
      namespaced: scope === 'Namespaced',
      hasStatus: kindsWithStatus.has(kind),
    }),
  );
};

const kindsWithStatus = new Set([
  ...['Namespace', 'Node', 'Pod', 'Service', 'ResourceQuota', 'Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet'],
  ...['Job', 'CustomResourceDefinition', 'PodDisruptionBudget', 'PersistentVolumeClaim', 'PersistentVolume'],
]);

export const builtInKinds: readonly KindInfo[] = [
  ...served('v1', 'Cluster', { Namespace: 'namespaces', Node: 'nodes', PersistentVolume: 'persistentvolumes' }),
  ...served('v1', 'Namespaced', {
    ConfigMap: 'configmaps',
    Event: 'events',
    PersistentVolumeClaim: 'persistentvolumeclaims',
    Pod: 'pods',
    ResourceQuota: 'resourcequotas',
    Secret: 'secrets',
    Service: 'services',
    ServiceAccount: 'serviceaccounts',
  }),
  ...served('apps/v1', 'Namespaced', {
    DaemonSet: 'daemonsets',
    Deployment: 'deployments',
    ReplicaSet: 'replicasets',
    StatefulSet: 'statefulsets',
  }),
  ...served('batch/v1', 'Namespaced', { Job: 'jobs' }),
  ...served('rbac.authorization.k8s.io/v1', 'Cluster', {
    ClusterRole: 'clusterroles',
    ClusterRoleBinding: 'clusterrolebindings',
  }),
  ...served('rbac.authorization.k8s.io/v1', 'Namespaced', { Role: 'roles', RoleBinding: 'rolebindings' }),
  ...served('networking.k8s.io/v1', 'Namespaced', { NetworkPolicy: 'networkpolicies' }),
  ...served('policy/v1', 'Namespaced', { PodDisruptionBudget: 'poddisruptionbudgets' }),
  ...served('coordination.k8s.io/v1', 'Namespaced', { Lease: 'leases' }),
  ...served('scheduling.k8s.io/v1', 'Cluster', { PriorityClass: 'priorityclasses' }),
  ...served('storage.k8s.io/v1', 'Cluster', { StorageClass: 'storageclasses' }),
  ...served('apiextensions.k8s.io/v1', 'Cluster', { CustomResourceDefinition: 'customresourcedefinitions' }),
];

/** The kinds that a CustomResourceDefinition adds: one a served version. */
export function kindsOfDefinition(crd: KubeObject): KindInfo[] {
  const text = (...path: string[]) => digText(crd, 'spec', ...path) ?? '';
  return digList(crd, 'spec', 'versions')
    .filter((version) => dig(version, 'served') === true)
    .map((version) => ({
      group: text('group'),
      version: digText(version, 'name') ?? '',
      kind: text('names', 'kind'),
      plural: text('names', 'plural'),
      singular: text('names', 'singular') || text('names', 'kind').toLowerCase(),
      namespaced: text('scope') === 'Namespaced',
      hasStatus: dig(version, 'subresources', 'status') !== undefined,
    }));
}
