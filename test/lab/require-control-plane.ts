import { status } from '@grpc/grpc-js';
import { Refusal } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** Throws unless this is a control plane; who is none says so with the name of what was asked. */
export function requireControlPlane(node: TalosNode, what: string): void {
  if (node.config?.type !== 'controlplane') {
    throw new Refusal(status.UNIMPLEMENTED, `${what} is only available on control plane nodes`);
  }
}
