import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../cluster/kube-object.ts';
import { fieldsV1, type Leaves, leavesOf, removeLeaves, writeLeaf } from './kube-fields.ts';
import { KubeError } from './kube-status.ts';

/** Which fields one manager owns in one way: by applying, or by plain writes; of the object or of its status. */
export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: '' | 'status';
  readonly apiVersion: string;
  readonly time: string;
  /** By path key. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}
export type Owners = readonly Owner[];
export type Writer = Pick<Owner, 'manager' | 'operation' | 'subresource'>;

const isSame = (a: Writer, b: Writer) =>
  a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource;

/**
 * Server-side apply as Kubernetes documents it: a field that somebody else owns with another value is a conflict
 * unless forced; a field that this manager applied before and does not now is removed when nobody else owns it.
 */
export function applyFields(
  live: KubeObject,
  wished: KubeObject,
  owners: Owners,
  by: Writer & { force: boolean; time: string },
): { object: KubeObject; owners: Owners } {
  const leaves = leavesOf(wished);
  const current = leavesOf(live);
  const others = owners.filter((owner) => !isSame(owner, by));
  const contested = others.flatMap((owner) =>
    [...owner.fields]
      .filter(([key, path]) => {
        const rival = rivalOf(leaves, key, path);
        return rival !== undefined && !isDeepStrictEqual(rival.value, current.get(key)?.value);
      })
      .map(([key, path]) => ({ owner, key, path })),
  );
  if (contested.length > 0 && !by.force) throw conflictOf(contested);

  const next = structuredClone(live) as Record<string, unknown>;
  const lost = new Set(contested.map(({ key }) => key));
  const keep = others.map((owner) => ({
    ...owner,
    fields: new Map([...owner.fields].filter(([key]) => !lost.has(key))),
  }));
  const before = owners.find((owner) => isSame(owner, by));
  const isLetGo = (key: string) => !leaves.has(key) && !keep.some((owner) => owner.fields.has(key));
  removeLeaves(
    next,
    [...(before?.fields ?? [])].filter(([key]) => isLetGo(key)).map(([, path]) => path),
  );
  for (const leaf of leaves.values()) writeLeaf(next, structuredClone(leaf));
  return { object: next as KubeObject, owners: withOwner(keep, wished.apiVersion, by, pathsOf(leaves)) };
}

/** A plain write: whoever changes a field owns it from then on, and nobody is asked. */
export function updateFields(
  live: KubeObject | undefined,
  next: KubeObject,
  owners: Owners,
  by: Writer & { time: string },
): Owners {
  const before: Leaves = live === undefined ? new Map() : leavesOf(live);
  const after = leavesOf(next);
  const changed = new Map(
    [...pathsOf(after)].filter(([key]) => !isDeepStrictEqual(before.get(key)?.value, after.get(key)?.value)),
  );
  const keep = owners.map((owner) => ({
    ...owner,
    fields: new Map([...owner.fields].filter(([key]) => after.has(key) && (!changed.has(key) || isSame(owner, by)))),
  }));
  const mine = keep.find((owner) => isSame(owner, by));
  if (changed.size === 0) return keep.filter(({ fields }) => fields.size > 0);
  const rest = keep.filter((owner) => owner !== mine);
  return withOwner(rest, next.apiVersion, by, new Map([...(mine?.fields ?? []), ...changed]));
}

/** `metadata.managedFields` as the API shows it. */
export const managedFieldsOf = (owners: Owners) =>
  owners.map(({ manager, operation, subresource, apiVersion, time, fields }) => ({
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsV1(fields.values()),
    ...(subresource === '' ? {} : { subresource }),
  }));

function withOwner(
  others: Owners,
  apiVersion: string,
  { manager, operation, subresource, time }: Writer & { time: string },
  fields: Owner['fields'],
): Owners {
  const kept = others.filter((owner) => owner.fields.size > 0);
  return fields.size === 0 ? kept : [...kept, { manager, operation, subresource, apiVersion, time, fields }];
}

const pathsOf = (leaves: Leaves) => new Map([...leaves].map(([key, { path }]) => [key, path]));

/** The leaf that would change an owned one: the same, or one above it. */
function rivalOf(leaves: Leaves, key: string, path: readonly string[]) {
  const same = leaves.get(key);
  if (same !== undefined) return same;
  const isAbove = (above: readonly string[]) =>
    above.length < path.length && above.every((step, at) => step === path[at]);
  return leaves.values().find((leaf) => isAbove(leaf.path) && !isDeepStrictEqual(leaf.value, {}));
}

function conflictOf(contested: readonly { owner: Owner; path: readonly string[] }[]): KubeError {
  const causes = contested.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${owner.manager}"${owner.operation === 'Update' ? ` using ${owner.apiVersion}` : ''}`,
    field: readable(path),
  }));
  const [first] = causes;
  const message =
    causes.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${causes.map((one) => `${one.message}: ${one.field}`).join('; ')}`;
  return new KubeError(409, 'Conflict', message, { causes });
}

/** `.spec.containers[name="a"].image`, as the API writes a path. */
function readable(path: readonly string[]): string {
  return path
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
      const key = Object.entries(JSON.parse(step.slice(2)) as Record<string, unknown>);
      return `[${key.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
