import {
  deploymentReadiness,
  isEstablished,
  type KubeClient,
  type KubeObject,
  nameOf,
  nodeReadiness,
} from '../../cluster/index.ts';
import { minutes } from '../../core/millis.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step } from '../../core/step.ts';

/** Opens the cluster with the kubeconfig that an earlier step wrote. */
export type UseKube = <T>(use: (kube: KubeClient) => Promise<T>) => Promise<T>;

/** The Kubernetes API answers at the cluster's endpoint and calls itself ready. */
export function checkApi({ kube, after }: { kube: UseKube; after: readonly string[] }): Step {
  return {
    id: 'kubernetes-api',
    title: 'The Kubernetes API is ready',
    after,
    timeout: minutes(15),
    check: (_past, signal) =>
      kube(async (client) => ((await client.readyz(signal)) ? done : blocked('it answers, but is not ready'))),
  };
}

/** Every machine of the rack file is a node; Ready too, unless its pod network is still to come from Flux. */
export function checkNodes({ kube, spec, after }: { kube: UseKube; spec: RackSpec; after: readonly string[] }): Step {
  const names = spec.machines.map((machine) => machine.name);
  return {
    id: 'nodes',
    title: `All ${names.length} nodes are registered${spec.cluster.cni === 'none' ? '' : ' and Ready'}`,
    after,
    timeout: minutes(15),
    check: (_past, signal) =>
      kube(async (client) => {
        const nodes = await client.list('v1', 'Node', undefined, signal);
        const missing = names.filter((name) => !nodes.some((node) => node.metadata.name === name));
        if (missing.length > 0) return blocked(`not registered yet: ${missing.join(', ')}`);
        if (spec.cluster.cni === 'none') return done;
        for (const node of nodes.filter((one) => names.includes(one.metadata.name))) {
          const readiness = nodeReadiness(node);
          if (readiness.kind !== 'ready') return blocked(readiness.reason);
        }
        return done;
      }),
  };
}

/** The first reason for which an applied object is not as it should be; `undefined` when it is. */
export function reasonNotReady(object: KubeObject): string | undefined {
  if (object.kind === 'CustomResourceDefinition') {
    return isEstablished(object) ? undefined : `${nameOf(object)} is not established yet`;
  }
  if (object.kind !== 'Deployment') return undefined;
  const readiness = deploymentReadiness(object);
  return readiness.kind === 'ready' ? undefined : readiness.reason;
}
