import type { KubeObject } from '../../cluster/index.ts';
import { minutes } from '../../core/millis.ts';
import { blocked, done, type Step, todo } from '../../core/step.ts';
import type { UseKube } from './check-kubernetes.ts';

interface NodeSpec {
  readonly unschedulable?: boolean;
}
interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

/** Kubernetes sends nobody new to the node. */
export function cordonNode(name: string, kube: UseKube): Step {
  return {
    id: `cordon/${name}`,
    title: `Kubernetes sends no pods to ${name}`,
    machine: name,
    after: [],
    timeout: minutes(2),
    check: (_past, signal) =>
      kube(async (client) => {
        const node = await client.get('v1', 'Node', name, undefined, signal);
        if (node === undefined) return done;
        return (node['spec'] as NodeSpec | undefined)?.unschedulable === true ? done : todo('pods may be sent to it');
      }),
    apply: (signal) =>
      kube(async (client) => {
        const node = { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { unschedulable: true } };
        await client.apply(node, signal);
      }),
  };
}

/** The pods of the node are gone; those of DaemonSets and of the machine itself stay with it. */
export function drainNode(name: string, kube: UseKube, after: readonly string[]): Step {
  return {
    id: `drain/${name}`,
    title: `Pods leave ${name}`,
    machine: name,
    after,
    timeout: minutes(10),
    check: (_past, signal) =>
      kube(async (client) => {
        const pods = (await client.list('v1', 'Pod', undefined, signal)).filter((pod) => mustLeave(pod, name));
        if (pods.length === 0) return done;
        const staying = pods.filter(({ metadata }) => metadata['deletionTimestamp'] === undefined);
        const names = (some: readonly KubeObject[]) =>
          some.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`).join(', ');
        return staying.length === 0 ? blocked(`waits for ${names(pods)} to end`) : todo(`${names(staying)} are on it`);
      }),
    apply: (signal) =>
      kube(async (client) => {
        const pods = (await client.list('v1', 'Pod', undefined, signal)).filter((pod) => mustLeave(pod, name));
        // One after another: each eviction counts against the same disruption budgets.
        for (const { metadata } of pods) await client.evict(metadata.name, metadata.namespace ?? 'default', signal);
      }),
  };
}

/** The node is no part of Kubernetes any more. */
export function deleteNode(name: string, kube: UseKube, after: readonly string[]): Step {
  return {
    id: `delete-node/${name}`,
    title: `Kubernetes forgets ${name}`,
    machine: name,
    after,
    timeout: minutes(5),
    check: (_past, signal) =>
      kube(async (client) =>
        (await client.get('v1', 'Node', name, undefined, signal)) === undefined ? done : todo('is still a node'),
      ),
    apply: (signal) => kube((client) => client.delete('v1', 'Node', name, undefined, signal)),
  };
}

/** What `kubectl drain` moves: not what belongs to a DaemonSet or to the node itself, and not what has ended. */
function mustLeave(pod: Pod, node: string): boolean {
  if (pod.spec?.nodeName !== node || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) return false;
  const { annotations = {}, ownerReferences = [] } = pod.metadata as {
    annotations?: Readonly<Record<string, string>>;
    ownerReferences?: readonly { kind: string }[];
  };
  const isMirror = annotations['kubernetes.io/config.mirror'] !== undefined;
  return !isMirror && !ownerReferences.some(({ kind }) => kind === 'DaemonSet' || kind === 'Node');
}
