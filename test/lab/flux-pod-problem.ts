import { dig, digList, digText, type KubeObject } from '../../cluster/kube-object.ts';
import type { KubeStore } from './kube-store.ts';

const critical = ['system-node-critical', 'system-cluster-critical'];
const notReady = 'node.kubernetes.io/not-ready';

/**
 * Why the pod of a Deployment cannot run here, as a cluster would show it in the end; `undefined` when it can. These
 * are the rules on which a Flux that comes before the pod network founders: Pod Security of Talos, the priority
 * admission, the service account, the taint of a node without a network, the sandbox that waits for a network, host
 * ports that are taken, and an API that is out of reach.
 */
export function podProblem(deployment: KubeObject, store: KubeStore): string | undefined {
  const pod = dig(deployment, 'spec', 'template', 'spec');
  const { namespace = 'default' } = deployment.metadata;
  const onHost = dig(pod, 'hostNetwork') === true;
  const account = digText(pod, 'serviceAccountName') ?? 'default';
  if (account !== 'default' && store.find('v1', 'ServiceAccount', account, namespace) === undefined) {
    return `pods are forbidden: error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
  }
  const level = store.find('v1', 'Namespace', namespace)?.metadata.labels?.['pod-security.kubernetes.io/enforce'];
  if (onHost && level !== 'privileged' && namespace !== 'kube-system') {
    return 'pods are forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)';
  }
  const priority = digText(pod, 'priorityClassName');
  if (priority !== undefined && critical.includes(priority) && namespace !== 'kube-system') {
    if (!store.all('v1', 'ResourceQuota', { namespace }).some((quota) => allows(quota, priority))) {
      return `pods are forbidden: insufficient quota to match these scopes: [{PriorityClass In ${JSON.stringify(critical)}}]`;
    }
  }
  const nodes = store.all('v1', 'Node');
  if (nodes.length === 0) return '0/0 nodes are available';
  const tolerates = digList(pod, 'tolerations').some(
    (one) => dig(one, 'operator') === 'Exists' && [undefined, notReady].includes(digText(one, 'key')),
  );
  const usable = nodes.filter((node) => isReady(node) || tolerates);
  if (usable.length === 0) return `0/${nodes.length} nodes are available: untolerated taint {${notReady}: }`;
  if (!onHost && !usable.some(isReady)) return 'failed to create pod sandbox: cni plugin not initialized';
  return onHost ? hostProblem(pod, nodes.some(isReady)) : undefined;
}

export const isReady = (node: KubeObject) =>
  digList(node, 'status', 'conditions').some((one) => dig(one, 'type') === 'Ready' && dig(one, 'status') === 'True');

const allows = (quota: KubeObject, priority: string) =>
  digList(quota, 'spec', 'scopeSelector', 'matchExpressions').some(
    (one) => dig(one, 'scopeName') === 'PriorityClass' && digList(one, 'values').includes(priority),
  );

/** What ends the containers of a pod on the host network: they share its ports, and have no Service network yet. */
function hostProblem(pod: unknown, hasNetwork: boolean): string | undefined {
  const seen = new Map<unknown, string>();
  for (const container of digList(pod, 'containers')) {
    const name = digText(container, 'name') ?? '';
    for (const port of digList(container, 'ports')) {
      const number = dig(port, 'containerPort');
      const first = seen.get(number);
      if (first !== undefined)
        return `${name}: listen tcp :${String(number)}: bind: address already in use by ${first}`;
      seen.set(number, name);
    }
    const host = digList(container, 'env').find((one) => dig(one, 'name') === 'KUBERNETES_SERVICE_HOST');
    if (!hasNetwork && host === undefined) return `${name}: dial tcp 10.96.0.1:443: connect: no route to host`;
  }
  return undefined;
}
