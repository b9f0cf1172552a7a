import type { ClusterFabric } from './cluster-fabric.ts';
import type { TalosNode } from './talos-node.ts';

/** The API of a configured node. */
export interface NodeApi {
  readonly node: TalosNode;
  /** Aborted when it goes down. */
  readonly gone: AbortSignal;
}

const racks = new WeakMap<ClusterFabric, Set<NodeApi>>();

/** A configured node's API answers from now on, until the signal. */
export function apiUp(api: NodeApi): void {
  const { fabric } = api.node.host;
  const apis = racks.get(fabric) ?? new Set();
  racks.set(fabric, apis.add(api));
  api.gone.addEventListener('abort', () => apis.delete(api), { once: true });
}

/** The API that a control plane of this rack finds at that address or host name. */
export const apiAt = (fabric: ClusterFabric, name: string): NodeApi | undefined =>
  [...(racks.get(fabric) ?? [])].find(({ node }) => node.address === name || node.hostname === name);
