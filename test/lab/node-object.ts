import { dig, digList, type KubeObject } from '../../cluster/kube-object.ts';
import type { NodeConfig } from './node-config.ts';
import type { TalosNode } from './talos-node.ts';

/** A Node as a kubelet registers it: there, and not ready, because no pod network has been set up yet. */
export function nodeObject(node: TalosNode, config: NodeConfig, now: Date): KubeObject {
  const isControlPlane = config.type === 'controlplane';
  const arch = node.host.machine.firmware.architecture === 11 || node.host.machine.firmware.architecture === 19;
  const labels = {
    'kubernetes.io/hostname': node.hostname,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': arch ? 'arm64' : 'amd64',
    ...(isControlPlane
      ? {
          'node-role.kubernetes.io/control-plane': '',
        }
      : {}),
  };
  const isTainted = isControlPlane && !config.cluster.schedulesOnControlPlanes;
  const described: KubeObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.hostname, labels },
    spec: isTainted ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {},
    status: {
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: node.hostname },
      ],
      nodeInfo: {
        kubeletVersion: config.kubernetesVersion,
        osImage: `Talos (${node.version})`,
        operatingSystem: 'linux',
        architecture: labels['kubernetes.io/arch'],
        containerRuntimeVersion: 'containerd://2.1.4',
        systemUUID: node.host.machine.uuid,
      },
    },
  };
  return withReadiness(described, 'False', now);
}

const reasons = {
  True: { reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  False: {
    reason: 'KubeletNotReady',
    message:
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
  },
  Unknown: { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
} as const;

/** The same Node with its Ready condition set; the other conditions stay. */
export function withReadiness(node: KubeObject, status: keyof typeof reasons, now: Date): KubeObject {
  const at = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const ready = { type: 'Ready', status, ...reasons[status], lastHeartbeatTime: at, lastTransitionTime: at };
  const others = digList(node, 'status', 'conditions').filter((condition) => dig(condition, 'type') !== 'Ready');
  return { ...node, status: { ...(node['status'] as object | undefined), conditions: [...others, ready] } };
}

/** Whether the object's Ready condition is true. */
export const isReady = (object: KubeObject): boolean =>
  digList(object, 'status', 'conditions').some(
    (condition) => dig(condition, 'type') === 'Ready' && dig(condition, 'status') === 'True',
  );
