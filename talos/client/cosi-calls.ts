import { Fault } from '../../core/fault.ts';
import type { Clock } from '../../core/ports.ts';
import type { CallOptions } from '../call-end.ts';
import { type CosiEvent, decodeWatch } from '../cosi-event.ts';
import { type CosiResource, decodeResource, type ResourceKind } from '../cosi-resource.ts';
import { type FollowEvent, followResources } from '../follow-resources.ts';
import { State } from '../gen/cosi/resource/state_pb.ts';
import { callUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { callServerStream, openServerStream } from '../grpc-stream.ts';
import { SpecCache } from '../spec-cache.ts';

/** The machine's state, which anybody of the role os:reader may read as far as it is not sensitive. */
export interface CosiCalls {
  /** `undefined` when there is no such resource. */
  cosiGet(resource: ResourceKind & { id: string }, options?: CallOptions): Promise<CosiResource | undefined>;
  /** `talos/not-supported` when this Talos has no such type; `listIfSupported` tells that as a value. */
  cosiList(kind: ResourceKind, options?: CallOptions): Promise<readonly CosiResource[]>;
  /**
   * What is there now, then `bootstrapped`, then every change until the machine or the caller ends it. With an `id`:
   * that one resource, `destroyed` when it is not there, and no `bootstrapped`. Breaks off at a reboot: `cosiFollow` goes on.
   */
  cosiWatch(watched: ResourceKind & { id?: string }, options?: CallOptions): AsyncGenerator<CosiEvent, void, undefined>;
  /**
   * Every change of the resources of one type, across reboots and for as long as the caller likes: what went away while
   * nobody watched is told as `destroyed`, what is as it was is not told again. Faults that are not of the environment
   * end it.
   */
  cosiFollow(
    kind: ResourceKind,
    ports: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal },
  ): AsyncGenerator<FollowEvent, void, undefined>;
}

export function cosiCalls(channel: GrpcChannel): CosiCalls {
  const { at } = channel;
  const state = State.method;
  const specs = new SpecCache();
  const calls: CosiCalls = {
    async cosiGet({ namespace, type, id }, options) {
      try {
        const { resource } = await callUnary(channel, state.get, { namespace, type, id }, options);
        return resource === undefined ? undefined : decodeResource(resource, { at, call: 'Get', specs });
      } catch (fault) {
        if (fault instanceof Fault && fault.code === 'talos/not-found') return undefined;
        throw fault;
      }
    },
    async cosiList({ namespace, type }, options) {
      const messages = await callServerStream(channel, state.list, { namespace, type }, options);
      return messages.flatMap(({ resource }) =>
        resource === undefined ? [] : [decodeResource(resource, { at, call: 'List', specs })],
      );
    },
    async *cosiWatch({ namespace, type, id }, options) {
      const what = id === undefined ? { options: { bootstrapContents: true } } : { id };
      const messages = openServerStream(
        channel,
        state.watch,
        // From version 1 on the machine says when everything that exists was told.
        { namespace, type, apiVersion: 1, ...what },
        { ...options, isEndless: true },
      );
      for await (const message of messages) yield* decodeWatch(message, { at, call: 'Watch', specs });
    },
    cosiFollow: (kind, ports) => followResources((options) => calls.cosiWatch(kind, options), ports),
  };
  return calls;
}
