import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { stringify } from 'yaml';
import type { Clock } from '../../core/ports.ts';
import { type Resource, ResourceSchema } from '../../talos/gen/cosi/resource/resource_pb.ts';
import { encodeSpec } from './encode-spec.ts';
import type { NodeResource } from './node-resource.ts';

export type ResourceChange =
  | { readonly kind: 'created' | 'destroyed'; readonly resource: Resource }
  | { readonly kind: 'updated'; readonly resource: Resource; readonly old: Resource };

/**
 * The resources of one boot with the metadata that COSI keeps of them: when each was made, how often it changed.
 */
export class ResourceTable {
  readonly #resources = new Map<string, Resource>();
  /** What each was made of, in a form that is quicker to compare than YAML. */
  readonly #marks = new Map<string, string>();
  readonly #listeners = new Set<(change: ResourceChange) => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sorted by ID, as List sends them. */
  list(namespace: string, type: string): readonly Resource[] {
    return [...this.#resources.values()]
      .filter(({ metadata }) => metadata?.namespace === namespace && metadata.type === type)
      .sort((one, other) => ((one.metadata?.id ?? '') < (other.metadata?.id ?? '') ? -1 : 1));
  }

  get(namespace: string, type: string, id: string): Resource | undefined {
    return this.#resources.get(keyOf({ namespace, type, id }));
  }

  /** Calls back with every change from now on, until the returned function is called. */
  listen(listener: (change: ResourceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes the table show exactly these, and tells the listeners what that changed. */
  show(current: readonly NodeResource[]): void {
    const gone = new Map(this.#resources);
    for (const one of current) {
      const key = keyOf(one);
      gone.delete(key);
      const mark = markOf(one.spec);
      if (this.#marks.get(key) === mark) continue;
      this.#marks.set(key, mark);
      const old = this.#resources.get(key);
      const now = timestampFromDate(this.#clock.now());
      const resource = create(ResourceSchema, {
        metadata: {
          namespace: one.namespace,
          type: one.type,
          id: one.id,
          version: String(Number(old?.metadata?.version ?? 0) + 1),
          phase: 'running',
          created: old?.metadata?.created ?? now,
          updated: now,
        },
        spec: encodedOf(one, mark),
      });
      this.#resources.set(key, resource);
      this.#tell(old === undefined ? { kind: 'created', resource } : { kind: 'updated', resource, old });
    }
    for (const [key, resource] of gone) {
      this.#resources.delete(key);
      this.#marks.delete(key);
      this.#tell({ kind: 'destroyed', resource });
    }
  }

  #tell(change: ResourceChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

const keyOf = ({ namespace, type, id }: { namespace: string; type: string; id: string }) =>
  `${namespace}/${type}/${id}`;

interface Encoded {
  readonly yamlSpec: string;
  readonly protoSpec: Uint8Array;
}

/** Most of what a machine shows, others show too. */
const encodings = new Map<string, Encoded>();
const longestShared = 600;

function encodedOf({ type, spec }: NodeResource, mark: string): Encoded {
  const key = `${type} ${mark}`;
  const known = encodings.get(key);
  if (known !== undefined) return known;
  const yamlSpec = stringify(spec);
  const encoded = { yamlSpec, protoSpec: encodeSpec(type, yamlSpec) };
  if (key.length <= longestShared) encodings.set(key, encoded);
  return encoded;
}

const markOf = (spec: object | string) =>
  JSON.stringify(spec, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
