import {
  daemonSetReadiness,
  deploymentReadiness,
  internalAddresses,
  isEstablished,
  isSchedulable,
  type KubeClient,
  type KubeObject,
  nameOf,
  nodeReadiness,
} from '../../cluster/index.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
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

/**
 * Each of the machines is a node, by its own address; Ready too, unless the pod network is still to come from Flux. Whether it
 * may be given pods is not asked: a node that somebody cordoned is as healthy as others.
 */
export function checkNodes({
  kube,
  spec,
  machines = spec.machines,
  after,
}: {
  kube: UseKube;
  spec: RackSpec;
  /** All of the rack file when left out. */
  machines?: readonly MachineSpec[];
  after: readonly string[];
}): Step {
  const names = machines.map((machine) => machine.name);
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
        for (const { name, address } of spec.cluster.kubeletSubnets === undefined ? machines : []) {
          const node = nodes.find(({ metadata }) => metadata.name === name);
          const own = node === undefined ? [] : internalAddresses(node);
          if (!own.includes(address)) {
            return blocked(`${name} is registered with ${own.join(', ') || 'no address'}, not with ${address}`);
          }
        }
        if (spec.cluster.cni === 'none') return done;
        for (const node of nodes.filter((one) => names.includes(one.metadata.name))) {
          const readiness = nodeReadiness(node);
          if (readiness.kind !== 'ready') return blocked(readiness.reason);
        }
        return done;
      }),
  };
}

/**
 * What Talos runs for every cluster whose pod network is its own: that network, kube-proxy and CoreDNS, as far as the config has
 * not switched them off. CoreDNS is not waited for while no node may be given pods.
 */
export function checkSystemPods({ kube, after }: { kube: UseKube; after: readonly string[] }): Step {
  return {
    id: 'system-pods',
    title: 'kube-proxy, CoreDNS and the pod network are ready',
    after,
    timeout: minutes(15),
    check: (_past, signal) =>
      kube(async (client) => {
        const get = (kind: string, name: string) => client.get('apps/v1', kind, name, 'kube-system', signal);
        for (const name of ['kube-flannel', 'kube-proxy']) {
          const daemonSet = await get('DaemonSet', name);
          const is = daemonSet === undefined ? undefined : daemonSetReadiness(daemonSet);
          if (is !== undefined && is.kind !== 'ready') return blocked(is.reason);
        }
        const dns = await get('Deployment', 'coredns');
        const is = dns === undefined ? undefined : deploymentReadiness(dns);
        if (is === undefined || is.kind === 'ready') return done;
        const nodes = await client.list('v1', 'Node', undefined, signal);
        const open = nodes.filter((node) => isSchedulable(node));
        return open.length === 0 ? done : blocked(is.reason);
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
