import { isDeepStrictEqual } from 'node:util';

/**
 * An object seen as leaves: the paths of `managedFields` (Kubernetes' FieldsV1) and their values. A step of a path is
 * `f:name` for a field, `k:{"name":"x"}` for an item of a list with a key, `v:"x"` for a member of a set. Lists that
 * are not in the tables are one leaf, as lists without a schema are in Kubernetes.
 */
export type Leaves = ReadonlyMap<string, Leaf>;
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}
const pathKey = (path: readonly string[]) => JSON.stringify(path);

type Json = Record<string, unknown>;

/** Lists whose items have a key (`x-kubernetes-list-type: map` in the schemas of Kubernetes). */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  conditions: ['type'],
  ownerReferences: ['uid'],
};
/** `ports` of a container and of a Service are keyed by different fields. */
const portKeys = [
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
] as const;
const sets = new Set(['finalizers']);

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function keysOf(field: string, list: readonly unknown[]): readonly string[] | undefined {
  if (list.length === 0 || !list.every(isJson)) return undefined;
  const known = listKeys[field];
  const candidates = field === 'ports' ? portKeys : known === undefined ? [] : [known];
  return candidates.find((keys) => list.every((item) => isJson(item) && keys.slice(0, 1).every((key) => key in item)));
}

const itemStep = (item: Json, keys: readonly string[]) =>
  `k:${JSON.stringify(Object.fromEntries(keys.filter((key) => key in item).map((key) => [key, item[key]])))}`;

/** Every leaf of an object; the identity that nobody owns (apiVersion, kind, name and what the server writes) is left out. */
export function leavesOf(object: object): Leaves {
  const leaves = new Map<string, Leaf>();
  const walk = (value: unknown, path: readonly string[], field: string) => {
    if (isJson(value) && Object.keys(value).length > 0) {
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, `f:${name}`], name);
      return;
    }
    if (Array.isArray(value)) {
      const keys = keysOf(field, value);
      if (keys !== undefined) {
        for (const item of value as Json[]) walk(item, [...path, itemStep(item, keys)], '');
        return;
      }
      if (sets.has(field)) {
        for (const member of value) add([...path, `v:${JSON.stringify(member)}`], member);
        return;
      }
    }
    add(path, value);
  };
  const add = (path: readonly string[], value: unknown) => leaves.set(pathKey(path), { path, value });
  const { apiVersion: _, kind: __, metadata, ...rest } = object as Json;
  walk(rest, [], '');
  leaves.delete(pathKey([]));
  const { labels, annotations, finalizers, ownerReferences } = isJson(metadata) ? metadata : {};
  for (const [name, value] of Object.entries({ labels, annotations, finalizers, ownerReferences })) {
    if (value !== undefined) walk(value, ['f:metadata', `f:${name}`], name);
  }
  return leaves;
}

/** Writes one leaf into the object, making what is missing on the way. Mutates. */
export function writeLeaf(object: Json, { path, value }: Leaf): void {
  let at: unknown = object;
  path.forEach((step, index) => {
    const isLast = index === path.length - 1;
    const next = path[index + 1];
    const empty = next === undefined || next.startsWith('f:') ? {} : [];
    if (step.startsWith('f:') && isJson(at)) {
      const name = step.slice(2);
      // An empty map says only that the field is there: it takes nothing away from one that others have filled.
      const isThere = isLast && isJson(value) && Object.keys(value).length === 0 && isJson(at[name]);
      if (isLast && !isThere) at[name] = value;
      else if (isThere) return;
      else if (typeof at[name] !== 'object' || at[name] === null || Array.isArray(at[name]) !== Array.isArray(empty)) {
        at[name] = empty;
      }
      at = at[name];
    } else if (step.startsWith('k:') && Array.isArray(at)) {
      const item = itemOf(at, step) ?? (JSON.parse(step.slice(2)) as Json);
      if (!at.includes(item)) at.push(item);
      at = item;
    } else if (step.startsWith('v:') && Array.isArray(at) && !at.some((one) => isDeepStrictEqual(one, value))) {
      at.push(value);
    }
  });
}

/** Takes leaves out of the object, and what is empty after that. Mutates. */
export function removeLeaves(object: Json, paths: readonly (readonly string[])[]): void {
  // An item of a list is found by its key, which therefore goes last.
  const isKey = (path: readonly string[]) => {
    const item = path.at(-2) ?? '';
    return item.startsWith('k:') && (path.at(-1) ?? '').slice(2) in (JSON.parse(item.slice(2)) as Json);
  };
  const [keys, others] = [paths.filter(isKey), paths.filter((path) => !isKey(path))];
  for (const path of [...others, ...keys.toSorted((a, b) => b.length - a.length)]) removeLeaf(object, path);
}

function removeLeaf(object: Json, path: readonly string[]): void {
  const [step, ...rest] = path;
  if (step === undefined) return;
  const name = step.slice(2);
  const inner = object[name];
  const [next, ...beyond] = rest;
  if (next === undefined || inner === undefined) Reflect.deleteProperty(object, name);
  else if (next.startsWith('f:') && isJson(inner)) removeLeaf(inner, rest);
  else if (next.startsWith('v:') && Array.isArray(inner)) {
    object[name] = inner.filter((one) => JSON.stringify(one) !== next.slice(2));
  } else if (next.startsWith('k:') && Array.isArray(inner)) {
    const item = itemOf(inner, next);
    if (item !== undefined) removeLeaf(item, beyond);
    object[name] = inner.filter((one) => one !== item || Object.keys(one as Json).length > 0);
  }
  const left = object[name];
  if (rest.length > 0 && isJson(left) && Object.keys(left).length === 0) Reflect.deleteProperty(object, name);
  if (rest.length > 0 && Array.isArray(left) && left.length === 0) Reflect.deleteProperty(object, name);
}

function itemOf(list: readonly unknown[], step: string): Json | undefined {
  const key = Object.entries(JSON.parse(step.slice(2)) as Json);
  return list.filter(isJson).find((item) => key.every(([name, value]) => isDeepStrictEqual(item[name], value)));
}

/** The nested form of `managedFields[].fieldsV1`. */
export function fieldsV1(paths: Iterable<readonly string[]>): Json {
  const root: Json = {};
  for (const path of paths) {
    let at = root;
    for (const step of path) at = (at[step] ??= {}) as Json;
  }
  return root;
}
