import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { renderPath } from '../core/check-rack-spec.ts';
import type { Place } from '../core/fault.ts';

/** A value as it was written, and the line that it begins on. */
export interface WrittenValue {
  readonly text: string;
  readonly firstLine: number;
}

/** A YAML text with the place of everything in it. */
export interface RackDocument {
  readonly file: string;
  readonly values: unknown;
  readonly problems: readonly { readonly place: Place; readonly message: string }[];
  /** Where a path stands, or the nearest thing above it when it leads nowhere. */
  readonly place: (path: readonly PropertyKey[]) => Place;
  /** `undefined` when there is none. */
  readonly source: (path: readonly PropertyKey[]) => WrittenValue | undefined;
}

export function readRackDocument(file: string, text: string): RackDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  return {
    file,
    get values() {
      return document.toJS() as unknown;
    },
    problems: document.errors.map(({ pos, message }) => ({
      place: { file, path: '', ...at(pos[0]) },
      message: (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, ''),
    })),
    place: (path) => ({ file, path: renderPath(path), ...at(find(document.contents, path).offset) }),
    source: (path) => {
      const { node, isWhole } = find(document.contents, path);
      if (!isWhole || !isNode(node) || !node.range) return undefined;
      const { line, col } = lines.linePos(node.range[0]);
      if (isScalar(node)) {
        const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
        return { text: String(node.value), firstLine: isBlock ? line + 1 : line };
      }
      return { text: outdent(text.slice(node.range[0], node.range[1]), col - 1), firstLine: line };
    },
  };
}

/** The lines after the first without the indentation that the first one has. */
const outdent = (text: string, columns: number) =>
  text.replaceAll(new RegExp(`\\n {1,${Math.max(columns, 1)}}`, 'g'), '\n');

/** The node at a path with its offset, or those of the nearest one above it. */
function find(root: Node | null, path: readonly PropertyKey[]): { node: unknown; offset: number; isWhole: boolean } {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(key));
      if (pair === undefined) return { node, offset, isWhole: false };
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else {
      return { node, offset, isWhole: false };
    }
  }
  return { node, offset, isWhole: true };
}
