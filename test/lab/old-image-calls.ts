import { status } from '@grpc/grpc-js';
import { ContainerDriver, ContainerdNamespace } from '../../talos/gen/common/common_pb.ts';
import type { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import { digested, imagesIn, storeOf, versionOf } from './image-store.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** Images as Talos before 1.13 has them: the namespace alone says in which containerd. */
export function oldImageCalls(node: TalosNode): Pick<TalosHandlers<typeof MachineService>, 'imageList' | 'imagePull'> {
  const store = (namespace: ContainerdNamespace) =>
    storeOf(node, { $typeName: 'common.ContainerdInstance', driver: ContainerDriver.CRI, namespace });
  return {
    async *imageList({ namespace }) {
      yield* imagesIn(node, store(namespace));
    },
    imagePull({ namespace, reference }) {
      const into = store(namespace);
      if (versionOf(reference) === undefined) throw new Refusal(status.NOT_FOUND, `${reference}: not found`);
      node.images.set(`${into} ${reference}`, digested(reference));
      return { messages: [{}] };
    },
  };
}
