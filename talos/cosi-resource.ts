import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { Resource } from './gen/cosi/resource/resource_pb.ts';
import type { SpecCache } from './spec-cache.ts';
import { talosGarbled } from './talos-faults.ts';

/** Names all resources of one type, with Talos' own words: `Disks.block.talos.dev` in `runtime`. */
export interface ResourceKind {
  readonly namespace: string;
  readonly type: string;
}

/** A resource of the machine's state as it was read. */
export interface CosiResource {
  readonly id: string;
  /** Grows with each change; a decimal number. */
  readonly version: string;
  /** `running`, or `tearingDown` while it is about to go. */
  readonly phase: string;
  /** RFC 3339 with nanoseconds. The state is in memory only, so nothing in it is older than the boot. */
  readonly created: string;
  /** The spec's YAML, parsed; names and units are those of Talos' resource definitions. */
  readonly spec: unknown;
}

/** What a machine's answers are read with: its name and the call, for faults, and what its connection has read before. */
export interface CosiContext {
  readonly at: string;
  readonly call: string;
  readonly specs: SpecCache;
}

/** Fault `talos/garbled` when the spec is no YAML or the time is none. */
export function decodeResource({ metadata, spec }: Resource, { at, call, specs }: CosiContext): CosiResource {
  try {
    return {
      id: metadata?.id ?? '',
      version: metadata?.version ?? '',
      phase: metadata?.phase ?? '',
      created: metadata?.created === undefined ? '' : renderTimestamp(metadata.created),
      spec: specs.parse(spec?.yamlSpec ?? ''),
    };
  } catch {
    throw talosGarbled({ at, call, reason: `${metadata?.type ?? 'a resource'} is not well-formed` });
  }
}

function renderTimestamp(timestamp: Timestamp): string {
  const toSecond = timestampDate({ ...timestamp, nanos: 0 })
    .toISOString()
    .slice(0, -'.000Z'.length);
  return `${toSecond}.${String(timestamp.nanos).padStart(9, '0')}Z`;
}
