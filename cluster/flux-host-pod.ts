import type { FluxDeployment } from './flux-deployment.ts';
import { directoryOf, hostContainer } from './flux-host-container.ts';
import { fluxNamespace } from './flux-objects.ts';
import type { PortPlan } from './flux-ports.ts';
import type { KubeObject } from './kube-object.ts';

/** Name of the one Deployment, of its service account, and value of its pods' `app` label. */
export const hostPodName = 'flux';

/** A node without a pod network has the first taint; whoever brings the network adds and removes the second and third. */
const tolerations = [
  ...[
    'node.kubernetes.io/not-ready',
    'node.cloudprovider.kubernetes.io/uninitialized',
    'node.cilium.io/agent-not-ready',
    'node-role.kubernetes.io/control-plane',
  ].map((key) => ({ key, operator: 'Exists' })),
  // Off a dead node after five minutes, as any pod.
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
];

/**
 * All controllers as containers of one pod on the host network: the only form that can run before there is a pod
 * network, because they reach the API through KubePrism and each other through loopback.
 */
export function hostPodOf(deployments: readonly FluxDeployment[], plan: PortPlan): KubeObject {
  const pods = deployments.map(({ metadata, spec }) => ({ controller: metadata.name, pod: spec.template.spec }));
  const portOf = directoryOf(deployments, plan);
  const rebuilt = (from: 'containers' | 'initContainers') =>
    pods.flatMap(({ controller, pod }) =>
      (pod[from] ?? []).map((one) => hostContainer(one, controller, plan.get(one) ?? [], portOf)),
    );
  const labels = { ...sharedLabels(deployments), app: hostPodName };
  const initContainers = rebuilt('initContainers');
  const imagePullSecrets = unique(pods.flatMap(({ pod }) => pod.imagePullSecrets ?? []));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: hostPodName, namespace: fluxNamespace, labels },
    spec: {
      replicas: 1,
      // Two pods cannot have the same host ports.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { app: hostPodName } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: hostPodName,
          hostNetwork: true,
          // Cluster DNS runs on the pod network; the node's resolver knows public names.
          dnsPolicy: 'Default',
          priorityClassName: 'system-cluster-critical',
          terminationGracePeriodSeconds: Math.max(...pods.map(({ pod }) => pod.terminationGracePeriodSeconds ?? 30)),
          securityContext: Object.assign({}, ...pods.map(({ pod }) => pod.securityContext)) as unknown,
          nodeSelector: Object.assign({}, ...pods.map(({ pod }) => pod.nodeSelector)) as unknown,
          tolerations: unique([...tolerations, ...pods.flatMap(({ pod }) => pod.tolerations ?? [])]),
          ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets }),
          ...(initContainers.length === 0 ? {} : { initContainers }),
          containers: rebuilt('containers'),
          volumes: pods.flatMap(({ controller, pod }) =>
            (pod.volumes ?? []).map((volume) => ({ ...volume, name: `${controller}-${volume.name}` })),
          ),
        },
      },
    },
  };
}

/** Labels on which all controllers agree, such as `app.kubernetes.io/part-of`. */
function sharedLabels(deployments: readonly FluxDeployment[]): Record<string, string> {
  const [first, ...others] = deployments.map(({ metadata }) => Object.entries(metadata.labels ?? {}));
  const rest = others.map((labels) => Object.fromEntries(labels));
  return Object.fromEntries((first ?? []).filter(([key, value]) => rest.every((labels) => labels[key] === value)));
}

const unique = <T>(list: readonly T[]): T[] => [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
