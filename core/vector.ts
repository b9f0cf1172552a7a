/**
 * An immutable list whose places are numbered from 0 and may be empty. `put` gives a new one that shares all but a few
 * nodes of 32 places with the old, so that both stay usable and neither is copied.
 */
export interface Vector<T> {
  readonly depth: number;
  readonly root: Node<T>;
}

type Node<T> = readonly (Node<T> | Leaf<T> | undefined)[];
interface Leaf<T> {
  readonly value: T;
}

const bits = 5;
const width = 1 << bits;

export const emptyVector: Vector<never> = { depth: 1, root: [] };

export function at<T>({ depth, root }: Vector<T>, index: number): T | undefined {
  if (index >= width ** depth) return undefined;
  let node: Node<T> | Leaf<T> | undefined = root;
  for (let level = depth - 1; level >= 0; level -= 1) {
    if (node === undefined) return undefined;
    node = (node as Node<T>)[(index >>> (level * bits)) & (width - 1)];
  }
  return (node as Leaf<T> | undefined)?.value;
}

/** The vector with this value at the place; `undefined` empties it. */
export function put<T>(vector: Vector<T>, index: number, value: T | undefined): Vector<T> {
  let { depth, root } = vector;
  while (index >= width ** depth) {
    root = [root];
    depth += 1;
  }
  return { depth, root: putIn(root, depth - 1, index, value) };
}

function putIn<T>(node: Node<T>, level: number, index: number, value: T | undefined): Node<T> {
  const place = (index >>> (level * bits)) & (width - 1);
  const copy = [...node];
  const inside = level > 0 ? putIn((node[place] ?? []) as Node<T>, level - 1, index, value) : undefined;
  copy[place] = inside ?? (value === undefined ? undefined : { value });
  return copy;
}

/** All values that are there, by their places. */
export function* valuesOf<T>({ depth, root }: Vector<T>): Generator<T, undefined> {
  yield* valuesIn(root, depth - 1);
}

function* valuesIn<T>(node: Node<T>, level: number): Generator<T, undefined> {
  for (const inside of node) {
    if (inside === undefined) continue;
    if (level === 0) yield (inside as Leaf<T>).value;
    else yield* valuesIn(inside as Node<T>, level - 1);
  }
}
