import { minutes } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { type ContainerdInstance, containerdInstances } from '../containerd-instance.ts';
import { enumName } from '../enum-name.ts';
import { ContainerdNamespace } from '../gen/common/common_pb.ts';
import { ImageService, ImageServicePullLayerProgress_Status as LayerStatus } from '../gen/machine/image_pb.ts';
import { MachineService } from '../gen/machine/machine_pb.ts';
import { callClientStream, callUnary, ensureUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { openServerStream } from '../grpc-stream.ts';
import { talosStreamCut } from '../talos-faults.ts';

export interface StoredImage {
  readonly name: string;
  readonly digest: string;
  readonly sizeBytes: bigint;
}

/** How far one layer of an image is. */
export interface LayerProgress {
  readonly layer: string;
  readonly status: keyof typeof LayerStatus;
  readonly bytes: bigint;
  /** 0 while it is not known. */
  readonly totalBytes: bigint;
}

export interface PullRequest {
  readonly image: string;
  readonly into: ContainerdInstance;
  readonly onProgress?: (progress: LayerProgress) => void;
}

/** Images on the machine. Talos 1.13 and later; before that the two `legacy` calls. */
export interface ImageCalls {
  images(instance: ContainerdInstance, options?: CallOptions): Promise<readonly StoredImage[]>;
  /** Resolves to the reference with its digest. `talos/refused` when the registry has no such image. */
  pullImage(request: PullRequest, options?: CallOptions): Promise<string>;
  /** Sends an image (an OCI or Docker archive) to the machine, for racks without a registry; resolves to its name. */
  importImage(
    request: { archive: AsyncIterable<Uint8Array>; into: ContainerdInstance },
    options?: CallOptions,
  ): Promise<string>;
  /** Also resolves when it is not there. */
  removeImage(request: { image: string; from: ContainerdInstance }, options?: CallOptions): Promise<void>;
  legacyImages(instance: 'system' | 'cri', options?: CallOptions): Promise<readonly StoredImage[]>;
  /** Without a word until it is done, for which it waits 15 minutes. */
  legacyPullImage(request: { image: string; into: 'system' | 'cri' }, options?: CallOptions): Promise<void>;
}

const namespaces = { system: ContainerdNamespace.NS_SYSTEM, cri: ContainerdNamespace.NS_CRI };

export function imageCalls(channel: GrpcChannel): ImageCalls {
  const { at } = channel;
  const images = ImageService.method;
  const machine = MachineService.method;
  return {
    images: (instance, options) =>
      listed(openServerStream(channel, images.list, { containerd: containerdInstances[instance] }, options)),
    async pullImage({ image, into, onProgress }, options) {
      const request = { containerd: containerdInstances[into], imageRef: image };
      let pulled: string | undefined;
      // A registry may be slow to begin.
      const patient = { deadline: minutes(5), ...options };
      for await (const { response } of openServerStream(channel, images.pull, request, patient)) {
        if (response.case === 'name') pulled = response.value;
        if (response.case !== 'pullProgress') continue;
        const { layerId: layer, progress } = response.value;
        if (progress === undefined) continue;
        const status = enumName(LayerStatus, progress.status, { at, call: 'Pull' });
        onProgress?.({ layer, status, bytes: progress.offset, totalBytes: progress.total });
      }
      if (pulled === undefined) throw talosStreamCut({ at, call: 'Pull', reason: 'no name of the image came' });
      return pulled;
    },
    async importImage({ archive, into }, options) {
      const pieces = async function* () {
        yield { request: { case: 'containerd' as const, value: containerdInstances[into] } };
        for await (const bytes of archive) yield { request: { case: 'imageChunk' as const, value: { bytes } } };
      };
      const { name } = await callClientStream(channel, images.import, pieces(), { deadline: minutes(5), ...options });
      return name;
    },
    async removeImage({ image, from }, options) {
      const request = { containerd: containerdInstances[from], imageRef: image };
      await ensureUnary(channel, images.remove, request, options);
    },
    legacyImages: (instance, options) =>
      listed(openServerStream(channel, machine.imageList, { namespace: namespaces[instance] }, options)),
    async legacyPullImage({ image, into }, options) {
      const request = { namespace: namespaces[into], reference: image };
      await callUnary(channel, machine.imagePull, request, { deadline: minutes(15), ...options });
    },
  };
}

const listed = (messages: AsyncIterable<{ name: string; digest: string; size: bigint }>): Promise<StoredImage[]> =>
  Array.fromAsync(messages, ({ name, digest, size }) => ({ name, digest, sizeBytes: size }));
