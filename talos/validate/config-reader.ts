import { isMap, isSeq, type Node } from 'yaml';
import {
  type ConfigDocument,
  type ConfigProblem,
  isAbsent,
  nodeAt,
  pairOf,
  textOf,
  titleOf,
} from '../document/config-document.ts';
import type { TalosContract } from '../talos-contract.ts';

/** Reads one document of a config by paths such as `machine.ca.key`, and collects what is wrong at them. */
export interface ConfigReader {
  readonly minor: TalosContract;
  /** Whether something is there and not null. */
  has(path: string): boolean;
  /** The text of a scalar; empty when there is none. */
  text(path: string): string;
  isTrue(path: string): boolean;
  isFalse(path: string): boolean;
  /** The path of each item of a list, or each value of a mapping. */
  below(path: string): readonly { readonly key: string; readonly path: string }[];
  refuse(path: string, message: string): void;
}

export function readerOf(document: ConfigDocument, minor: TalosContract, problems: ConfigProblem[]): ConfigReader {
  const find = (path: string): Node | undefined => {
    let node: Node | undefined = document.root;
    for (const [, key = '', index] of path.matchAll(/(?:^|\.)((?:"[^"]*"|[^.[\]"])+)|\[(\d+)\]/g)) {
      if (index !== undefined) node = isSeq(node) ? (node.items[Number(index)] as Node | undefined) : undefined;
      else node = isMap(node) ? nodeAt(node, key.startsWith('"') ? key.slice(1, -1) : key) : undefined;
    }
    return isAbsent(node) ? undefined : node;
  };
  /** The nearest place that is written, for what is missing. */
  const lineAt = (path: string): number | undefined => {
    for (let rest = path; rest !== ''; rest = rest.replace(/(^|\.)[^.[]*$|\[\d+\]$/, '')) {
      const node = find(rest);
      if (node !== undefined) return document.lineOf(keyOf(document.root, rest) ?? node);
    }
    return document.lineOf(document.root);
  };
  return {
    minor,
    has: (path) => find(path) !== undefined,
    text: (path) => textOf(find(path)),
    isTrue: (path) => /^(true|y|yes|on)$/i.test(textOf(find(path))),
    isFalse: (path) => /^(false|n|no|off)$/i.test(textOf(find(path))),
    below: (path) => {
      const node = find(path);
      if (isSeq(node)) return node.items.map((_, index) => ({ key: String(index), path: `${path}[${index}]` }));
      if (!isMap(node)) return [];
      return node.items.map(({ key }) => ({ key: textOf(key), path: `${path}."${textOf(key)}"` }));
    },
    refuse: (path, message) => {
      const line = lineAt(path);
      problems.push({
        document: titleOf(document),
        path: path.replaceAll('"', ''),
        ...(line === undefined ? {} : { line }),
        message,
      });
    },
  };
}

/** The key of a value in a mapping: a mapping begins on the line after it. */
function keyOf(root: Node, path: string): Node | undefined {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = isMap(root) && !/[[\]"]/.test(path) ? (keys.length === 0 ? root : nodeAt(root, ...keys)) : undefined;
  const pair = isMap(holder) ? pairOf(holder, last) : undefined;
  return pair?.key as Node | undefined;
}
