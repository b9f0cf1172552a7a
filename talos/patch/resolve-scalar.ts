import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { isAbsent, textOf } from '../document/config-document.ts';

export type ResolvedKind = 'mapping' | 'list' | 'null' | 'bool' | 'int' | 'float' | 'string';

/** What a value without a known type is for go-yaml: a plain scalar may be a number or a boolean. */
export function resolvedKind(node: Node): ResolvedKind {
  if (isMap(node)) return 'mapping';
  if (isSeq(node)) return 'list';
  if (isAbsent(node)) return 'null';
  if (!isScalar(node) || node.type !== 'PLAIN') return 'string';
  const text = textOf(node);
  if (/^(true|True|TRUE|false|False|FALSE)$/.test(text)) return 'bool';
  if (/^[-+]?(\d[\d_]*|0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+)$/.test(text)) return 'int';
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/.test(text)) return 'float';
  return 'string';
}
