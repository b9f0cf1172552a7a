import { Fault } from '../../core/fault.ts';
import type { CallOptions } from '../call-end.ts';
import { type CosiEvent, decodeWatch } from '../cosi-event.ts';
import { type CosiResource, decodeResource, type ResourceKind } from '../cosi-resource.ts';
import { State } from '../gen/cosi/resource/state_pb.ts';
import { callUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { callServerStream, openServerStream } from '../grpc-stream.ts';

/** The machine's state, which anybody of the role os:reader may read as far as it is not sensitive. */
export interface CosiCalls {
  /** `undefined` when there is no such resource. */
  cosiGet(resource: ResourceKind & { id: string }, options?: CallOptions): Promise<CosiResource | undefined>;
  /** `talos/not-supported` when this Talos has no such type; `listIfSupported` tells that as a value. */
  cosiList(kind: ResourceKind, options?: CallOptions): Promise<readonly CosiResource[]>;
  /**
   * What is there now, then `bootstrapped`, then every change until the machine or the caller ends it. With an `id`:
   * that one resource, `destroyed` when it is not there, and no `bootstrapped`. `followResources` goes on after a reboot.
   */
  cosiWatch(watched: ResourceKind & { id?: string }, options?: CallOptions): AsyncGenerator<CosiEvent, void, undefined>;
}

export function cosiCalls(channel: GrpcChannel): CosiCalls {
  const { at } = channel;
  const state = State.method;
  return {
    async cosiGet({ namespace, type, id }, options) {
      try {
        const { resource } = await callUnary(channel, state.get, { namespace, type, id }, options);
        return resource === undefined ? undefined : decodeResource(resource, { at, call: 'Get' });
      } catch (fault) {
        if (fault instanceof Fault && fault.code === 'talos/not-found') return undefined;
        throw fault;
      }
    },
    async cosiList({ namespace, type }, options) {
      const messages = await callServerStream(channel, state.list, { namespace, type }, options);
      return messages.flatMap(({ resource }) =>
        resource === undefined ? [] : [decodeResource(resource, { at, call: 'List' })],
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
      for await (const message of messages) yield* decodeWatch(message, { at, call: 'Watch' });
    },
  };
}
