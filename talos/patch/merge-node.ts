import { isMap, isSeq, type Node, type Pair, YAMLMap, YAMLSeq } from 'yaml';
import { cloneMap, isAbsent, join, textOf, valueOf } from '../document/config-document.ts';
import { fieldsOf } from '../document/config-fields.ts';
import type { ListShape, MappingShape, ScalarShape, Shape, TableShape } from '../document/field-shape.ts';
import { hasSince, type TalosContract } from '../talos-contract.ts';
import { MergeRefusal } from './merge-refusal.ts';
import {
  isAlwaysTaken,
  isKeyPair,
  isUnmergeable,
  isZero,
  type KeyedList,
  keyedLists,
  mergeSize,
  mergeUrls,
} from './merge-rules.ts';
import { plain, put } from './put-value.ts';
import { resolvedKind } from './resolve-scalar.ts';

/**
 * The rules of Talos' strategic merge (pkg/machinery/config/merge). What a value holds is decided by its Go type, so a
 * shape goes along. Changes `left`. Throws MergeRefusal where Talos refuses.
 */
export function mergeMapping(
  left: YAMLMap,
  right: YAMLMap,
  shape: MappingShape,
  minor: TalosContract,
  path = '',
): void {
  const fields = fieldsOf(minor, shape.type);
  const any = fields.get('*');
  if (any !== undefined) {
    mergeTable(left, right, { ...table, item: any }, minor, path);
    return;
  }
  for (const [key, field] of fields) {
    const merged = mergeField(valueOf(left, key), valueOf(right, key), field, minor, join(path, key), shape.type);
    put(left, right, key, merged);
  }
}

/** The same for a document of a kind that is not known: by what the values look like. */
export function mergeUnknown(left: YAMLMap, right: YAMLMap, minor: TalosContract): void {
  mergeTable(left, right, { ...table, item: anything }, minor, '');
}

const anything: Shape = { kind: 'scalar', of: 'any', isOptional: false, isReplaced: false };
const plainList: Omit<ListShape, 'item'> = { kind: 'list', isOptional: false, isReplaced: false };
const table: Omit<TableShape, 'item'> = { kind: 'table', isArgs: false, isOptional: false, isReplaced: false };

/** The value of one field after the merge; `undefined` when there is none. */
function mergeField(
  left: Node | undefined,
  right: Node | undefined,
  shape: Shape,
  minor: TalosContract,
  path: string,
  within: string,
): Node | undefined {
  if (shape.kind === 'scalar') {
    if (isKeyPair(within)) return right;
    return mergeScalar(left, right, shape, minor, path);
  }
  if (right === undefined) {
    // A mapping that is always there for Talos takes what the patch does not say as said.
    if (shape.kind !== 'mapping' || shape.isOptional || shape.isReplaced) return left;
    const merged = left ?? new YAMLMap();
    if (isMap(merged)) mergeMapping(merged, new YAMLMap(), shape, minor, path);
    return left;
  }
  if (left === undefined && shape.kind === 'mapping' && !shape.isOptional && !shape.isReplaced && isMap(right)) {
    mergeMapping(new YAMLMap(), cloneMap(right), shape, minor, path);
    return right;
  }
  return mergePresent(left, right, shape, minor, path);
}

function mergePresent(left: Node | undefined, right: Node, shape: Shape, minor: TalosContract, path: string): Node {
  if (shape.kind === 'scalar') return mergeScalar(left, right, shape, minor, path) ?? right;
  if (shape.kind === 'list') {
    if (!isSeq(right)) throw new MergeRefusal(path, right, 'is no list');
    return mergeLists(isSeq(left) ? left : undefined, right, shape, minor, path);
  }
  if (!isMap(right)) throw new MergeRefusal(path, right, 'is no mapping');
  if (shape.isReplaced) return right.items.length === 0 && left !== undefined ? left : right;
  if (!isMap(left)) return right;
  if (shape.kind === 'mapping') mergeMapping(left, right, shape, minor, path);
  else mergeTable(left, right, shape, minor, path);
  return left;
}

function mergeTable(left: YAMLMap, right: YAMLMap, shape: TableShape, minor: TalosContract, path: string): void {
  for (const pair of right.items as Pair<Node, Node | null>[]) {
    const key = textOf(pair.key);
    const old = valueOf(left, key);
    if (shape.isArgs || old === undefined) {
      put(left, right, key, pair.value ?? undefined);
    } else if (!isAbsent(pair.value) && pair.value !== null) {
      put(left, right, key, mergePresent(old, pair.value, shape.item, minor, join(path, key)));
    } else if (shape.item.kind === 'scalar' && shape.item.of === 'any') {
      throw new MergeRefusal(join(path, key), pair.value ?? right, 'is null where the config has a value');
    } else if (shape.item.kind === 'scalar' && shape.item.of === 'bool') {
      put(left, right, key, plain('false'));
    }
  }
}

function mergeLists(
  left: YAMLSeq | undefined,
  right: YAMLSeq,
  shape: ListShape,
  minor: TalosContract,
  path: string,
): YAMLSeq {
  if (shape.isReplaced || left === undefined) {
    const keyed = left === undefined && !shape.isReplaced ? keyedLists[shape.keyed ?? ''] : undefined;
    // Items of the patch may have the same key.
    return keyed === undefined ? right : mergeKeyed(new YAMLSeq(), right, keyed, shape, minor, path);
  }
  const keyed = keyedLists[shape.keyed ?? ''];
  if (keyed !== undefined) return mergeKeyed(left, right, keyed, shape, minor, path);
  if (left.items.length === 0) return right;
  left.items.push(...right.items);
  return left;
}

function mergeKeyed(
  left: YAMLSeq,
  right: YAMLSeq,
  { keyOf, replacesItem }: KeyedList,
  { item: shape }: ListShape,
  minor: TalosContract,
  path: string,
): YAMLSeq {
  const items = left.items as Node[];
  const known = replacesItem ? [...items] : items;
  for (const [index, item] of (right.items as Node[]).entries()) {
    const key = keyOf(item);
    const isSame = (other: Node) => key !== undefined && keyOf(other) === key;
    const at = replacesItem ? known.findLastIndex(isSame) : known.findIndex(isSame);
    const old = items[at];
    if (old === undefined) items.push(item);
    else if (replacesItem) items[at] = item;
    else if (isMap(old) && isMap(item) && shape.kind === 'mapping') {
      mergeMapping(old, item, shape, minor, `${path}[${index}]`);
    }
  }
  return left;
}

function mergeScalar(
  left: Node | undefined,
  right: Node | undefined,
  shape: ScalarShape,
  minor: TalosContract,
  path: string,
): Node | undefined {
  const { of, name, isOptional } = shape;
  if (of === 'leaf' && isAlwaysTaken(name)) return right;
  if (of === 'leaf' && isUnmergeable(name) && (!isOptional || (left !== undefined && right !== undefined))) {
    throw new MergeRefusal(path, right, 'is of a kind that Talos cannot patch; delete what holds it and add it anew');
  }
  if (right === undefined) return of === 'bool' && !isOptional ? undefined : left;
  if (left === undefined) return right;
  if (of === 'any') return mergeAny(left, right, minor, path);
  if (name === 'Size') return mergeSize(left, right);
  if (name === 'URL' || name === 'Endpoint') return mergeUrl(left, right, path);
  if (of === 'leaf') return textOf(right) === '' ? left : right;
  const overwrites = isOptional && hasSince(minor, 'v1.12');
  return !overwrites && isZero(right, of, name) ? left : right;
}

function mergeUrl(left: Node, right: Node, path: string): Node {
  const merged = mergeUrls(textOf(left), textOf(right));
  if (merged === undefined) throw new MergeRefusal(path, right, 'has a user where the config has one');
  return plain(merged);
}

/** A value of no known type: Talos decides by what it turned out to be, and refuses a change of that. */
function mergeAny(left: Node, right: Node, minor: TalosContract, path: string): Node {
  const kind = resolvedKind(right);
  if (kind !== resolvedKind(left)) {
    throw new MergeRefusal(path, right, `is a ${kind} where the config has a ${resolvedKind(left)}`);
  }
  if (kind === 'mapping') return mergePresent(left, right, { ...table, item: anything }, minor, path);
  if (kind === 'list') return mergePresent(left, right, { ...plainList, item: anything }, minor, path);
  return kind !== 'bool' && isZero(right, kind, undefined) ? left : right;
}
