import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { type Millis, millis, minutes } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { ClusterService } from '../gen/cluster/cluster_pb.ts';
import { MachineService } from '../gen/machine/machine_pb.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { openServerStream } from '../grpc-stream.ts';
import { decodeEvent, type TalosEvent } from '../talos-event.ts';

export interface EventsRequest {
  /** How many of the kept events come first; `all`: all since the boot, of which 1000 are kept. */
  readonly past?: number | 'all';
  /** Begin after this event; its id comes from an event of the same boot. */
  readonly after?: string;
  /** Only what the call that was answered with this id has caused. */
  readonly actorId?: string;
}

export interface HealthRequest {
  readonly controlPlanes: readonly string[];
  readonly workers: readonly string[];
  /** How long the machine tries by itself. */
  readonly patience: Millis;
  readonly onMessage?: (message: string) => void;
}

export interface EventCalls {
  /** Ends with the connection, at a reboot for instance. Unknown kinds of events are left out. */
  events(request?: EventsRequest, options?: CallOptions): AsyncGenerator<TalosEvent, void, undefined>;
  /** Lets a control plane check the whole cluster. A check that fails until the end is the fault. */
  checkHealth(request: HealthRequest, options?: CallOptions): Promise<void>;
}

export function eventCalls(channel: GrpcChannel): EventCalls {
  const { at } = channel;
  return {
    async *events({ past = 0, after = '', actorId = '' } = {}, options) {
      const request = { tailEvents: past === 'all' ? -1 : past, tailId: after, withActorId: actorId };
      const messages = openServerStream(channel, MachineService.method.events, request, {
        ...options,
        isEndless: true,
      });
      for await (const message of messages) {
        const event = decodeEvent(message, { at, call: 'Events' });
        if (event !== undefined) yield event;
      }
    },
    async checkHealth({ controlPlanes, workers, patience, onMessage }, options) {
      const request = {
        waitTimeout: durationFromMs(patience),
        clusterInfo: { controlPlaneNodes: [...controlPlanes], workerNodes: [...workers] },
      };
      const messages = openServerStream(channel, ClusterService.method.healthCheck, request, {
        // It says something whenever a check changes its mind, which may take as long as all of it.
        deadline: millis(patience + minutes(1)),
        ...options,
      });
      for await (const { message } of messages) onMessage?.(message);
    },
  };
}
