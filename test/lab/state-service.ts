import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { type Resource, ResourceSchema } from '../../talos/gen/cosi/resource/resource_pb.ts';
import {
  type EventSchema,
  EventType,
  type State,
  type WatchResponseSchema,
} from '../../talos/gen/cosi/resource/state_pb.ts';
import { MessageQueue } from './message-queue.ts';
import type { ResourceChange } from './resource-table.ts';
import { isSensitive, isServed } from './resource-types.ts';
import { Refusal, type TalosCall, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** COSI's reading side as apid offers it. There are no labels in the simulation, and no bookmarks. */
export function stateHandlers(node: TalosNode): TalosHandlers<typeof State> {
  const check = ({ roles }: TalosCall, type: string, labelQueries: number) => {
    if (isSensitive(type, node.version) && !roles.includes('os:admin')) {
      throw new Refusal(status.PERMISSION_DENIED, 'not authorized');
    }
    if (!isServed(type, node.version)) {
      throw new Refusal(status.PERMISSION_DENIED, `resource type "${type}" is not supported`);
    }
    if (labelQueries > 0) throw new Refusal(status.UNIMPLEMENTED, 'the simulated node keeps no labels');
  };

  return {
    get({ namespace, type, id }, call) {
      check(call, type, 0);
      const resource = node.resources.get(namespace, type, id);
      if (resource === undefined) {
        throw new Refusal(status.NOT_FOUND, `resource ${type}(${namespace}/${id}@undefined) doesn't exist`);
      }
      return { resource };
    },

    async *list({ namespace, type, options }, call) {
      check(call, type, options?.labelQuery.length ?? 0);
      const wanted = new RegExp(options?.idQuery?.regexp ?? '');
      for (const resource of node.resources.list(namespace, type)) {
        if (wanted.test(resource.metadata?.id ?? '')) yield { resource };
      }
    },

    async *watch({ namespace, type, id, options, apiVersion }, call) {
      check(call, type, options?.labelQuery.length ?? 0);
      if (id !== undefined && options?.bootstrapContents === true) {
        throw new Refusal(status.UNIMPLEMENTED, 'bootstrap contents are not for the watch of one resource');
      }
      const queue = new MessageQueue<MessageInitShape<typeof WatchResponseSchema>>(call.signal);
      const first: MessageInitShape<typeof EventSchema>[] = [];
      const event = (eventType: EventType, resource?: Resource, old?: Resource) => ({
        eventType,
        ...(resource === undefined ? {} : { resource }),
        ...(old === undefined ? {} : { old }),
      });
      queue.put({});
      if (id !== undefined) {
        const now = node.resources.get(namespace, type, id);
        first.push(
          now === undefined
            ? event(EventType.DESTROYED, tombstone(namespace, type, id))
            : event(EventType.CREATED, now),
        );
      } else if (options?.bootstrapContents === true) {
        for (const resource of node.resources.list(namespace, type)) first.push(event(EventType.CREATED, resource));
        if (apiVersion >= 1) first.push(event(EventType.BOOTSTRAPPED));
      }
      if (options?.aggregated === true) queue.put({ event: first });
      else for (const one of first) queue.put({ event: [one] });
      const stop = node.resources.listen((change: ResourceChange) => {
        const { metadata } = change.resource;
        if (metadata?.namespace !== namespace || metadata.type !== type) return;
        if (id !== undefined && metadata.id !== id) return;
        const kind = { created: EventType.CREATED, updated: EventType.UPDATED, destroyed: EventType.DESTROYED };
        const old = change.kind === 'updated' ? change.old : undefined;
        queue.put({ event: [event(kind[change.kind], change.resource, old)] });
      });
      try {
        yield* queue;
      } finally {
        stop();
      }
    },
  };
}

/** What a watch of something absent begins with: its name, and a spec with nothing in it. */
const tombstone = (namespace: string, type: string, id: string): Resource =>
  create(ResourceSchema, { metadata: { namespace, type, id, version: 'undefined', phase: 'running' }, spec: {} });
