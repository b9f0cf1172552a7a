import { isMap, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { pairOf, textOf, valueOf } from '../document/config-document.ts';
import { fieldsOf } from '../document/config-fields.ts';
import type { Shape } from '../document/field-shape.ts';
import { hasSince, type TalosContract } from '../talos-contract.ts';
import { MergeRefusal } from './merge-refusal.ts';
import { type Deletion, renderKeys } from './patch-deletions.ts';

/**
 * Deletes one path from a document (configloader/internal/decoder/selector.go). A known key of a mapping that is there
 * counts as found even when nobody set it; anything else that is absent is refused with Talos' words.
 */
export function deletePath(root: YAMLMap, deletion: Deletion, shape: Shape, minor: TalosContract): void {
  const { path, item, at } = deletion;
  const absent = () => new MergeRefusal(renderKeys(path), at, 'lookup failed: there is nothing to delete');
  let node: Node | undefined = root;
  let inside: Shape | undefined = shape;
  for (const [depth, key] of path.entries()) {
    const isLast = depth === path.length - 1 && item === undefined;
    const here: Shape = inside;
    const next = shapeOf(here, key, minor);
    const map: Node | undefined = node;
    // A mapping that is always there for Talos is found without having been written.
    const isThere = isMap(map) || (map === undefined && here.kind === 'mapping' && !here.isOptional);
    if (next === undefined || !isThere) throw absent();
    const pair: Pair | undefined = isMap(map) ? pairOf(map, key) : undefined;
    if (pair === undefined && !isKnownField(here, key, minor)) throw absent();
    if (isLast) {
      if (isMap(map) && pair !== undefined) map.items.splice(map.items.indexOf(pair), 1);
      return;
    }
    node = isMap(map) ? valueOf(map, key) : undefined;
    inside = next;
  }
  if (item !== undefined && !deleteItem(node, item, inside, minor)) throw absent();
}

/** What is at a key; `undefined` where there can be none. */
function shapeOf(shape: Shape, key: string, minor: TalosContract): Shape | undefined {
  if (shape.kind === 'table') return shape.item;
  if (shape.kind === 'mapping') {
    const fields = fieldsOf(minor, shape.type);
    // Talos 1.11 does not look into mappings of any content.
    return fields.get(key) ?? (hasSince(minor, 'v1.12') ? fields.get('*') : undefined);
  }
  return shape.kind === 'scalar' && shape.of === 'any' ? shape : undefined;
}

const isKnownField = (shape: Shape, key: string, minor: TalosContract): boolean =>
  shape.kind === 'mapping' && fieldsOf(minor, shape.type).has(key);

/** Removes the first item that has this text at this key. Talos never matches a number, nor an item without a type. */
function deleteItem(
  list: Node | undefined,
  { key, value }: { key: string; value: string },
  shape: Shape | undefined,
  minor: TalosContract,
): boolean {
  if (!isSeq(list) || shape?.kind !== 'list' || shape.item.kind !== 'mapping') return false;
  const field = fieldsOf(minor, shape.item.type).get(key);
  if (field?.kind !== 'scalar' || !comparable(field.of) || (field.isOptional && field.of === 'string')) return false;
  const at = (list.items as Node[]).findIndex((item) => isMap(item) && textOf(valueOf(item, key)) === value);
  if (at === -1) return false;
  list.items.splice(at, 1);
  return true;
}

const comparable = (of: string): boolean => of === 'string' || of === 'enum' || of === 'leaf';
