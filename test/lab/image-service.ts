import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import {
  type ImageService,
  ImageServicePullLayerProgress_Status as LayerStatus,
} from '../../talos/gen/machine/image_pb.ts';
import { digested, imagesIn, storeOf, versionOf } from './image-store.ts';
import { pace } from './pace.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** machine.ImageService, Talos 1.13 and newer. A registry has every image whose tag is a Talos version. */
export function imageHandlers(node: TalosNode): TalosHandlers<typeof ImageService> {
  const { clock, random } = node.host;
  return {
    async *list({ containerd }) {
      yield* imagesIn(node, storeOf(node, containerd));
    },

    async *pull({ containerd, imageRef }, { signal }) {
      const store = storeOf(node, containerd);
      if (versionOf(imageRef) === undefined) throw new Refusal(status.NOT_FOUND, `${imageRef}: not found`);
      const total = 104_857_600n;
      const progress = (layerStatus: LayerStatus, offset: bigint) => ({
        response: {
          case: 'pullProgress' as const,
          value: {
            layerId: 'sha256:layer-1',
            progress: { status: layerStatus, elapsed: durationFromMs(1000), offset, total },
          },
        },
      });
      yield progress(LayerStatus.DOWNLOADING, total / 2n);
      await clock.sleep(random.around(pace.pullInstaller), signal);
      if (signal.aborted) return;
      yield progress(LayerStatus.DOWNLOAD_COMPLETE, total);
      yield progress(LayerStatus.EXTRACT_COMPLETE, total);
      const name = digested(imageRef);
      node.images.set(`${store} ${imageRef}`, name);
      yield { response: { case: 'name' as const, value: name } };
    },

    async import(requests) {
      let store: string | undefined;
      let size = 0;
      for await (const { request } of requests) {
        if (request.case === 'containerd') store = storeOf(node, request.value);
        else if (request.case === 'imageChunk') size += request.value.bytes.length;
      }
      if (store === undefined) throw new Refusal(status.INVALID_ARGUMENT, 'containerd instance is required');
      const name = `imported:v1.0.0-${size}`;
      node.images.set(`${store} ${name}`, digested(name));
      return { name };
    },

    remove({ containerd, imageRef }) {
      const key = `${storeOf(node, containerd)} ${imageRef}`;
      if (!node.images.delete(key)) throw new Refusal(status.NOT_FOUND, `image "${imageRef}": not found`);
      return {};
    },
  };
}
