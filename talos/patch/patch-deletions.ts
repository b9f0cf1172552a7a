import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { isAbsent, join, textOf } from '../document/config-document.ts';
import { MergeRefusal } from './merge-refusal.ts';

/** One `$patch: delete` of a patch. */
export interface Deletion {
  /** Keys down to what is deleted; empty for the whole document. */
  readonly path: readonly string[];
  /** The item of the list at `path` whose key has this value. */
  readonly item?: { readonly key: string; readonly value: string };
  readonly at: Node;
}

/**
 * Takes every `$patch: delete` out of a document of a patch (configloader/internal/decoder/delete.go). What held
 * nothing else goes with it; `isEmpty` when nothing is left of the document. Throws MergeRefusal.
 */
export function takeDeletions(root: YAMLMap): { deletions: readonly Deletion[]; isEmpty: boolean } {
  const deletions: Deletion[] = [];
  const isDeleted = take(root, [], 'document', deletions);
  return { deletions, isEmpty: isDeleted || (deletions.length > 0 && saysNothing(root)) };
}

type Holder = 'document' | 'mapping' | 'list';

/** True when the node is to go: it was a deletion, or nothing is left of it. */
function take(node: Node | null, path: readonly string[], holder: Holder, found: Deletion[]): boolean {
  if (isMap(node)) {
    for (const pair of [...node.items] as Pair<Node, Node | null>[]) {
      if (textOf(pair.key) === '$patch' && textOf(pair.value) === 'delete') {
        found.push(deletionOf(node, path, holder));
        return true;
      }
      if (!take(pair.value, [...path, textOf(pair.key)], 'mapping', found)) continue;
      node.items.splice(node.items.indexOf(pair), 1);
      if (node.items.length === 0) return true;
    }
  } else if (isSeq(node)) {
    for (const [index, item] of [...(node.items as Node[])].entries()) {
      if (!take(item, [...path, `[${index}]`], 'list', found)) continue;
      node.items.splice(node.items.indexOf(item), 1);
      if (node.items.length === 0) return true;
    }
  }
  return false;
}

function deletionOf(node: YAMLMap, path: readonly string[], holder: Holder): Deletion {
  const title = renderKeys(path);
  if (holder !== 'list') {
    if (path.some((key) => key.startsWith('['))) {
      throw new MergeRefusal(title, node, 'deletes inside of an item of a list; only a whole item can be deleted');
    }
    return { path, at: node };
  }
  const pair = node.items.find(({ key }) => textOf(key) !== '$patch');
  if (pair === undefined) {
    throw new MergeRefusal(title, node, 'does not say which item is deleted: a key and its value are needed');
  }
  return { path: path.slice(0, -1), item: { key: textOf(pair.key), value: textOf(pair.value) }, at: node };
}

/** `apiVersion` is not among the keys: Talos merges a document that is left with it. */
const saysNothing = (root: YAMLMap): boolean =>
  root.items.every(
    ({ key, value }) => ['version', 'kind', 'name'].includes(textOf(key)) && (isScalar(value) || isAbsent(value)),
  );

export const renderKeys = (path: readonly string[]): string =>
  path.reduce((text, key) => (key.startsWith('[') ? `${text}${key}` : join(text, key)), '');
