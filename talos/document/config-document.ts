import { type Document, isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';

/** One document of a config or a patch, as it was written: every scalar keeps its own text. */
export interface ConfigDocument {
  /** Empty for the main document. */
  readonly kind: string;
  readonly apiVersion: string;
  /** Empty for a kind of which there is only one. */
  readonly name: string;
  readonly root: YAMLMap<Node, Node | null>;
  readonly source: Document;
  readonly lineOf: (node: Node | null | undefined) => number | undefined;
}

/** By one of these Talos takes a document without a kind for the main one. */
export const mainKeys: readonly string[] = ['machine', 'cluster', 'debug', 'persist'];

/** Something wrong in a config: what, in which document, and where. */
export interface ConfigProblem {
  /** `main`, or kind and name. */
  readonly document: string;
  /** Keys with dots, items in brackets; empty for the whole document. */
  readonly path: string;
  /** Counts from 1. */
  readonly line?: number;
  readonly message: string;
}

/** What a document is called in a message. */
export function titleOf({ kind, name }: Pick<ConfigDocument, 'kind' | 'name'>): string {
  return kind === '' ? 'main' : name === '' ? kind : `${kind} ${name}`;
}

/** What makes two documents the same one. */
export const identityOf = ({ apiVersion, kind, name }: ConfigDocument): string =>
  kind === '' ? '' : `${apiVersion}/${kind}/${name}`;

/** Null, and nothing at all, both mean that there is no value. */
export function isAbsent(node: unknown): boolean {
  if (node === undefined || node === null) return true;
  return isScalar(node) && node.type === 'PLAIN' && nulls.has(textOf(node));
}

const nulls = new Set(['', '~', 'null', 'Null', 'NULL']);

/** The text of a scalar as it was written; empty for what is none. */
export const textOf = (node: unknown): string => (isScalar(node) ? String(node.value) : '');

/** The value of a key; `undefined` when it is absent or null. */
export function valueOf(map: YAMLMap, key: string): Node | undefined {
  const value = pairOf(map, key)?.value;
  return isAbsent(value) ? undefined : (value as Node);
}

export const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => textOf(pair.key) === key);

export const keysOf = (map: YAMLMap): string[] => map.items.map(({ key }) => textOf(key));

/** The node at this path of keys; `undefined` when something on the way is absent. */
export function nodeAt(map: YAMLMap, ...path: readonly string[]): Node | undefined {
  let node: Node | undefined = map;
  for (const key of path) node = isMap(node) ? valueOf(node, key) : undefined;
  return node;
}

export const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

export function cloneMap(map: YAMLMap): YAMLMap<Node, Node | null> {
  const copy: unknown = map.clone();
  if (!isMap<Node, Node | null>(copy)) throw new Error('a copy of a mapping is none');
  return copy;
}
