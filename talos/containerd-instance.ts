import { ContainerDriver, ContainerdNamespace } from './gen/common/common_pb.ts';

/**
 * Where a machine keeps images: `system` for Talos itself (upgrades), `cri` for Kubernetes, `inmem` before it is
 * installed. They share nothing.
 */
export type ContainerdInstance = 'system' | 'cri' | 'inmem';

export const containerdInstances = {
  system: { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_SYSTEM },
  cri: { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_CRI },
  inmem: { driver: ContainerDriver.CONTAINERD, namespace: ContainerdNamespace.NS_SYSTEM },
} as const satisfies Record<ContainerdInstance, unknown>;
