import { type CosiContext, type CosiResource, decodeResource } from './cosi-resource.ts';
import { enumName } from './enum-name.ts';
import type { Resource } from './gen/cosi/resource/resource_pb.ts';
import { EventType, type WatchResponse } from './gen/cosi/resource/state_pb.ts';
import { talosFailed, talosGarbled } from './talos-faults.ts';

/** A change of the machine's state, as a watch tells it. */
export type CosiEvent =
  | { readonly type: 'created' | 'updated'; readonly resource: CosiResource }
  /** Its spec is often gone already. */
  | { readonly type: 'destroyed'; readonly id: string }
  /** Everything that existed when the watch began has been told. */
  | { readonly type: 'bootstrapped' };

/**
 * The events of one message; the first message of a watch has none. Fault `talos/failed` when the machine could not keep
 * up and begins to leave events out: the watch has to be begun anew. `talos/garbled` for what this COSI does not have.
 */
export function decodeWatch({ event }: WatchResponse, context: CosiContext): CosiEvent[] {
  const { at, call } = context;
  const about = { at, call };
  return event.flatMap(({ eventType, resource, error }): CosiEvent[] => {
    switch (enumName(EventType, eventType, about)) {
      case 'CREATED':
        return [{ type: 'created', resource: decode(resource, context) }];
      case 'UPDATED':
        return [{ type: 'updated', resource: decode(resource, context) }];
      case 'DESTROYED':
        return [{ type: 'destroyed', id: resource?.metadata?.id ?? '' }];
      case 'BOOTSTRAPPED':
        return [{ type: 'bootstrapped' }];
      case 'ERRORED':
        throw talosFailed({ ...about, reason: error ?? 'no reason given' });
      case 'NOOP':
        return [];
    }
  });
}

function decode(resource: Resource | undefined, context: CosiContext): CosiResource {
  if (resource === undefined) throw talosGarbled({ at: context.at, call: context.call, reason: 'a change of nothing' });
  return decodeResource(resource, context);
}
