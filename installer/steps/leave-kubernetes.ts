import { internalAddresses, type KubeObject } from '../../cluster/index.ts';
import { defineFault, faultFrom } from '../../core/fault.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step, todo } from '../../core/step.ts';
import type { UseKube } from './check-kubernetes.ts';

interface NodeSpec {
  readonly unschedulable?: boolean;
}
interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

const otherNode = defineFault<{ name: string; node: string; address: string }>('installer/node-of-another-name', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, node, address }) => `${name} is the node ${node} in Kubernetes: that has its address ${address}`,
  state: () => 'Nothing was changed.',
  remedy: ({ node }) => `Call the machine ${node} in the rack file, and run the same command with that name.`,
});

/** Kubernetes sends nobody new to the node. One that it does not know must not be there under another name either. */
export function cordonNode({ name, address }: MachineSpec, kube: UseKube): Step {
  return {
    id: `cordon/${name}`,
    title: `Kubernetes sends no pods to ${name}`,
    machine: name,
    after: [],
    timeout: minutes(2),
    check: (_past, signal) =>
      kube(async (client) => {
        const node = await client.get('v1', 'Node', name, undefined, signal);
        if (node === undefined) {
          const nodes = await client.list('v1', 'Node', undefined, signal);
          const other = nodes.find((one) => internalAddresses(one).includes(address));
          if (other !== undefined) throw otherNode({ name, node: other.metadata.name, address });
          return done;
        }
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
        // One after another: each eviction counts against the same disruption budgets. One that a budget holds back for now must
        // not hold back the others.
        const refused: unknown[] = [];
        for (const { metadata } of pods) {
          const namespace = metadata.namespace ?? 'default';
          await client.evict(metadata.name, namespace, signal).catch((thrown: unknown) => refused.push(thrown));
        }
        if (refused.length > 0) throw faultFrom(refused[0]);
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
