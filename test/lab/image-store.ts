import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { ContainerDriver, type ContainerdInstance, ContainerdNamespace } from '../../talos/gen/common/common_pb.ts';
import { Refusal } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** The Talos version that an installer image brings, told by its tag; `undefined` for one that no registry has. */
export const versionOf = (image: string): string | undefined => /:(v1\.\d+\.\d+[^:/@]*)(?:@|$)/.exec(image)?.[1];

/** The name of a containerd and its namespace, as keys of the node's images; throws for those that are not there. */
export function storeOf(node: TalosNode, instance: ContainerdInstance | undefined): string {
  const { driver, namespace } = instance ?? {
    driver: ContainerDriver.CONTAINERD,
    namespace: ContainerdNamespace.NS_UNKNOWN,
  };
  const isCri = driver === ContainerDriver.CRI;
  if (namespace === ContainerdNamespace.NS_UNKNOWN || (!isCri && namespace === ContainerdNamespace.NS_CRI)) {
    throw new Refusal(status.INVALID_ARGUMENT, 'unsupported containerd namespace');
  }
  if (isCri && node.services.get('cri')?.state !== 'Running') {
    throw new Refusal(status.UNAVAILABLE, 'CRI containerd is not running');
  }
  return `${isCri ? 'cri' : 'inmem'}/${namespace}`;
}

/** The reference with its digest. Same content everywhere: the digest comes from the name. */
export function digested(image: string): string {
  return image.includes('@sha256:') ? image : `${image}@sha256:${createHash('sha256').update(image).digest('hex')}`;
}

export function imagesIn(node: TalosNode, store: string): { name: string; digest: string; size: bigint }[] {
  return [...node.images]
    .filter(([key]) => key.startsWith(`${store} `))
    .map(([key, image]) => ({
      name: key.slice(store.length + 1),
      digest: image.slice(image.indexOf('@') + 1),
      size: 104_857_600n,
    }));
}
