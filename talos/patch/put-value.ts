import { type Node, Scalar, type YAMLMap } from 'yaml';
import { isAbsent, pairOf } from '../document/config-document.ts';

/** A scalar, in quotes where its text needs them. */
export const plain = (text: string): Node => {
  const scalar = new Scalar(text);
  scalar.type = /^[\w./:@%?&=~-]+$/.test(text) ? 'PLAIN' : 'QUOTE_DOUBLE';
  return scalar;
};

/** Sets the value of a key, with the key as the patch writes it when it is new. */
export function put(left: YAMLMap, right: YAMLMap, key: string, value: Node | undefined): void {
  const pair = pairOf(left, key);
  if (value === undefined) {
    if (pair !== undefined && !isAbsent(pair.value)) left.items.splice(left.items.indexOf(pair), 1);
  } else if (pair !== undefined) {
    pair.value = value;
  } else {
    const written = pairOf(right, key);
    if (written !== undefined) left.items.push(written.value === value ? written : written.clone());
    const added = pairOf(left, key);
    if (added !== undefined) added.value = value;
  }
}
