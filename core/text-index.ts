import { at, emptyVector, put, type Vector } from './vector.ts';

/** An immutable map from texts to values; `setText` takes a time that hardly grows with the number of entries. */
export type TextIndex<V> = Vector<readonly (readonly [string, V])[]>;

export const emptyIndex: TextIndex<never> = emptyVector;

export const getText = <V>(index: TextIndex<V>, key: string): V | undefined =>
  at(index, hashOf(key))?.find(([other]) => other === key)?.[1];

/** The index with this value for the key; `undefined` takes it out. */
export function setText<V>(index: TextIndex<V>, key: string, value: V | undefined): TextIndex<V> {
  const hash = hashOf(key);
  const others = (at(index, hash) ?? []).filter(([other]) => other !== key);
  const bucket = value === undefined ? others : [...others, [key, value] as const];
  return put(index, hash, bucket.length === 0 ? undefined : bucket);
}

/** FNV-1a, folded to 20 bits: four levels of a vector. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  return ((hash >>> 20) ^ hash) & 0xfffff;
}
