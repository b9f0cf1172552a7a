import { create } from '@bufbuild/protobuf';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { Resource } from '../../talos/gen/cosi/resource/resource_pb.ts';
import {
  EventSchema,
  EventType,
  GetResponseSchema,
  ListResponseSchema,
  type State,
  WatchResponseSchema,
} from '../../talos/gen/cosi/resource/state_pb.ts';
import type { GrpcHandlers } from '../../talos/grpc-service.ts';
import type { ResourceChange } from './resource-table.ts';
import { isSensitive, servedTypes } from './resource-types.ts';
import { isAdmin, refusal, refuseAccess } from './talos-access.ts';
import type { TalosNode } from './talos-node.ts';

/** COSI's reading side as apid offers it. There are no labels in the simulation, and no bookmarks. */
export function stateHandlers(node: TalosNode): GrpcHandlers<typeof State> {
  const refuse = (
    call: Parameters<typeof refuseAccess>[0],
    type: string,
    labelQueries: number,
  ): Partial<ServiceError> | undefined => {
    const denied = refuseAccess(call, node, 'state');
    if (denied !== undefined) return denied;
    if (isSensitive(type) && !isAdmin(call, node)) return refusal(status.PERMISSION_DENIED, 'not authorized');
    if (!servedTypes.has(type)) return refusal(status.PERMISSION_DENIED, `resource type "${type}" is not supported`);
    return labelQueries > 0 ? refusal(status.UNIMPLEMENTED, 'the simulated node keeps no labels') : undefined;
  };

  return {
    get(call, reply) {
      const { namespace, type, id } = call.request;
      const refused = refuse(call, type, 0);
      if (refused !== undefined) {
        reply(refused);
        return;
      }
      const resource = node.resources.get(namespace, type, id);
      if (resource === undefined)
        reply(refusal(status.NOT_FOUND, `resource ${type}(${namespace}/${id}) doesn't exist`));
      else reply(null, create(GetResponseSchema, { resource }));
    },

    list(call) {
      const { namespace, type, options } = call.request;
      const refused = refuse(call, type, options?.labelQuery.length ?? 0);
      if (refused !== undefined) {
        call.emit('error', refused);
        return;
      }
      const wanted = new RegExp(options?.idQuery?.regexp ?? '');
      for (const resource of node.resources.list(namespace, type)) {
        if (wanted.test(resource.metadata?.id ?? '')) call.write(create(ListResponseSchema, { resource }));
      }
      call.end();
    },

    watch(call) {
      const { namespace, type, id, options, apiVersion } = call.request;
      const refused =
        refuse(call, type, options?.labelQuery.length ?? 0) ??
        (id !== undefined && options?.bootstrapContents === true
          ? refusal(status.UNIMPLEMENTED, 'bootstrap contents are not for the watch of one resource')
          : undefined);
      if (refused !== undefined) {
        call.emit('error', refused);
        return;
      }
      const send = (eventType: EventType, resource?: Resource, old?: Resource) =>
        call.write(
          create(WatchResponseSchema, {
            event: [
              create(EventSchema, {
                eventType,
                ...(resource === undefined ? {} : { resource }),
                ...(old === undefined ? {} : { old }),
              }),
            ],
          }),
        );
      call.write(create(WatchResponseSchema));
      if (id !== undefined) {
        const now = node.resources.get(namespace, type, id);
        if (now !== undefined) send(EventType.CREATED, now);
        else send(EventType.DESTROYED, tombstone(namespace, type, id));
      } else if (options?.bootstrapContents === true) {
        for (const resource of node.resources.list(namespace, type)) send(EventType.CREATED, resource);
        if (apiVersion >= 1) send(EventType.BOOTSTRAPPED);
      }
      const tell = (change: ResourceChange) => {
        const { metadata } = change.resource;
        if (metadata?.namespace !== namespace || metadata.type !== type) return;
        if (id !== undefined && metadata.id !== id) return;
        if (change.kind === 'updated') send(EventType.UPDATED, change.resource, change.old);
        else send(change.kind === 'created' ? EventType.CREATED : EventType.DESTROYED, change.resource);
      };
      const stop = node.resources.listen(tell);
      call.on('close', stop);
      call.on('cancelled', stop);
    },
  };
}

/** What a watch of something absent begins with: its name, and no spec. */
function tombstone(namespace: string, type: string, id: string): Resource {
  return create(GetResponseSchema, {
    resource: { metadata: { namespace, type, id, version: '1', phase: 'running' } },
  }).resource as Resource;
}
