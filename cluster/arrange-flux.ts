import { type FluxDeployment, fluxManifestUnusable, parseFluxDeployment } from './flux-deployment.ts';
import { hostPodName, hostPodOf } from './flux-host-pod.ts';
import { fluxNamespace } from './flux-objects.ts';
import { type PortPlan, planPorts, portRoles } from './flux-ports.ts';
import { dig, digList, type KubeObject } from './kube-object.ts';

export interface FluxArrangement {
  /** `none`: Flux runs before the pod network, which it will install. */
  readonly cni: 'none' | 'flannel';
  readonly dnsDomain: string;
}

/**
 * The objects of a Flux release manifest as this cluster needs them. With a pod network they stay as they are, but for
 * the cluster's DNS domain. Without one, all controllers of the release, known or not, become one pod on the host
 * network with one service account that takes the place of theirs in every binding. Services of what then listens on
 * loopback only are left out; NetworkPolicies stay, and do not hold for a pod on the host network.
 * Fault `flux/manifest-unusable`.
 */
export function arrangeFlux(objects: readonly KubeObject[], { cni, dnsDomain }: FluxArrangement): KubeObject[] {
  const inDomain = objects.map((object) => (object.kind === 'Deployment' ? withDomain(object, dnsDomain) : object));
  if (cni === 'flannel') return inDomain;

  const deployments = inDomain.filter(isController).map(parseFluxDeployment);
  if (deployments.length === 0) throw fluxManifestUnusable({ why: `it has no Deployment in ${fluxNamespace}` });
  const plan = planPorts(deployments);
  const accounts = new Set(deployments.map(({ spec }) => spec.template.spec.serviceAccountName ?? 'default'));
  const others = inDomain
    .filter((object) => !isController(object) && !isAccountOf(object, accounts))
    .flatMap((object): KubeObject[] => {
      if (object.kind === 'Namespace' && object.metadata.name === fluxNamespace) return [privileged(object)];
      if (object.kind === 'ClusterRoleBinding' || object.kind === 'RoleBinding') return [rebound(object, accounts)];
      if (object.kind === 'Service') return redirected(object, deployments, plan);
      return [object];
    });
  const hasQuota = others.some((object) => object.kind === 'ResourceQuota');
  return [...others, ...(hasQuota ? [] : [criticalPods]), account, hostPodOf(deployments, plan)];
}

const account: KubeObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: hostPodName, namespace: fluxNamespace, labels: { 'app.kubernetes.io/part-of': 'flux' } },
};

/** Outside of kube-system, pods of a critical priority class need a quota that speaks of it. */
const criticalPods: KubeObject = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'critical-pods', namespace: fluxNamespace, labels: { 'app.kubernetes.io/part-of': 'flux' } },
  spec: {
    hard: { pods: '1000' },
    scopeSelector: {
      matchExpressions: [
        { operator: 'In', scopeName: 'PriorityClass', values: ['system-node-critical', 'system-cluster-critical'] },
      ],
    },
  },
};

const isController = ({ kind, metadata }: KubeObject) => kind === 'Deployment' && metadata.namespace === fluxNamespace;

const isAccountOf = ({ kind, metadata }: KubeObject, accounts: ReadonlySet<string>) =>
  kind === 'ServiceAccount' && metadata.namespace === fluxNamespace && accounts.has(metadata.name);

/** The release writes the default domain into arguments; it is never elsewhere in a Deployment. */
function withDomain(object: KubeObject, domain: string): KubeObject {
  const inText = (value: unknown): unknown =>
    typeof value === 'string' ? value.replaceAll('.svc.cluster.local', `.svc.${domain}`) : value;
  return JSON.parse(JSON.stringify(object), (_, value) => inText(value)) as KubeObject;
}

/** Talos lets only `baseline` pods into a namespace that does not say otherwise, and the host network is not baseline. */
function privileged(namespace: KubeObject): KubeObject {
  const level = Object.fromEntries(
    ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'privileged']),
  );
  const { metadata } = namespace;
  return { ...namespace, metadata: { ...metadata, labels: { ...metadata.labels, ...level } } };
}

/** The binding with the one account in place of the controllers' accounts. */
function rebound(binding: KubeObject, accounts: ReadonlySet<string>): KubeObject {
  const isReplaced = (subject: unknown) =>
    dig(subject, 'kind') === 'ServiceAccount' &&
    dig(subject, 'namespace') === fluxNamespace &&
    accounts.has(String(dig(subject, 'name')));
  const subjects = digList(binding, 'subjects');
  const kept = subjects.filter((subject) => !isReplaced(subject));
  if (kept.length === subjects.length) return binding;
  return {
    ...binding,
    subjects: [...kept, { kind: 'ServiceAccount', name: hostPodName, namespace: fluxNamespace }],
  };
}

/** A Service of a controller leads to the one pod, by the ports that are open there; without any it is left out. */
function redirected(service: KubeObject, deployments: readonly FluxDeployment[], plan: PortPlan): KubeObject[] {
  const selector = Object.entries((dig(service, 'spec', 'selector') ?? {}) as Record<string, string>);
  const target = deployments.find(({ spec }) => {
    const labels = spec.template.metadata?.labels ?? {};
    return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
  });
  if (service.metadata.namespace !== fluxNamespace || target === undefined) return [service];
  const hostPorts = target.spec.template.spec.containers.flatMap((container) => plan.get(container) ?? []);
  const ports = digList(service, 'spec', 'ports').flatMap((port) => {
    const wanted = dig(port, 'targetPort') ?? dig(port, 'port');
    const at = hostPorts.find(({ original }) => original.name === wanted || original.number === wanted);
    if (at === undefined || (at.role !== undefined && !portRoles[at.role].open)) return [];
    return [{ ...(port as object), targetPort: at.number }];
  });
  if (ports.length === 0) return [];
  return [{ ...service, spec: { ...(service['spec'] as object), selector: { app: hostPodName }, ports } }];
}
