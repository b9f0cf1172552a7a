import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { parse } from 'yaml';
import type { Resource } from './gen/cosi/resource/resource_pb.ts';
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

/** Fault `talos/garbled` when the spec is no YAML or the time is none. */
export function decodeResource({ metadata, spec }: Resource, context: { at: string; call: string }): CosiResource {
  try {
    return {
      id: metadata?.id ?? '',
      version: metadata?.version ?? '',
      phase: metadata?.phase ?? '',
      created: metadata?.created === undefined ? '' : renderTimestamp(metadata.created),
      spec: parseSpec(spec?.yamlSpec ?? ''),
    };
  } catch {
    throw talosGarbled({ ...context, reason: `${metadata?.type ?? 'a resource'} is not well-formed` });
  }
}

/**
 * A machine that is read again and again mostly says the same, and YAML is what a reading costs most: specs are parsed
 * once, and forgotten when two generations of others were read since.
 */
const generationSize = 20_000;
const longestKept = 4096;
let young = new Map<string, unknown>();
let old = new Map<string, unknown>();

function parseSpec(text: string): unknown {
  const known = young.get(text) ?? old.get(text);
  const parsed = known ?? freeze(parse(text, { logLevel: 'error' }) as unknown);
  if (text.length > longestKept || young.has(text)) return parsed;
  if (young.size >= generationSize) [young, old] = [new Map<string, unknown>(), young];
  young.set(text, parsed);
  return parsed;
}

/** Several resources share it. */
function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const inside of Object.values(value)) freeze(inside);
  return Object.freeze(value);
}

function renderTimestamp(timestamp: Timestamp): string {
  const toSecond = timestampDate({ ...timestamp, nanos: 0 })
    .toISOString()
    .slice(0, -'.000Z'.length);
  return `${toSecond}.${String(timestamp.nanos).padStart(9, '0')}Z`;
}
