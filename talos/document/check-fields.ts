import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { hasSince, type TalosContract, talosContracts } from '../talos-contract.ts';
import { type ConfigDocument, type ConfigProblem, isAbsent, join, textOf, titleOf } from './config-document.ts';
import { documentShape, fieldsOf } from './config-fields.ts';
import type { Shape } from './field-shape.ts';

/**
 * What keeps Talos' loader from reading a document of this minor into its types: unknown keys, values of another form,
 * and kinds that came later. A kind that no known minor has is left alone: it may be newer than we are.
 */
export function checkFields(document: ConfigDocument, minor: TalosContract): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuse = (path: string, at: Node | null | undefined, message: string) => {
    const line = document.lineOf(at);
    problems.push({ document: titleOf(document), path, ...(line === undefined ? {} : { line }), message });
  };
  const shape = documentShape(minor, document.kind);
  if (shape !== undefined) checkNode(document.root, shape, '', { minor, refuse });
  else {
    const since = talosContracts.find((other) => documentShape(other, document.kind) !== undefined);
    if (since !== undefined) refuse('', document.root, absence(document.kind, since, minor));
  }
  return problems;
}

const absence = (kind: string, since: TalosContract, minor: TalosContract): string =>
  hasSince(minor, since)
    ? `${kind} is gone in Talos ${minor}`
    : `${kind} came with Talos ${since}; this config is for ${minor}`;

interface Check {
  readonly minor: TalosContract;
  readonly refuse: (path: string, at: Node | null | undefined, message: string) => void;
}

function checkNode(node: Node | null, shape: Shape, path: string, check: Check): void {
  if (isAbsent(node) || (shape.kind === 'scalar' && shape.of === 'any')) return;
  if (shape.kind === 'list') {
    if (!isSeq(node)) check.refuse(path, node, 'must be a list');
    else
      for (const [index, item] of node.items.entries()) checkNode(item as Node, shape.item, `${path}[${index}]`, check);
  } else if (shape.kind === 'scalar') {
    checkScalar(node, shape, path, check);
  } else if (!isMap(node)) {
    check.refuse(path, node, 'must be a mapping');
  } else {
    checkMapping(node.items as Pair<Node, Node | null>[], shape, path, check);
  }
}

function checkMapping(
  pairs: readonly Pair<Node, Node | null>[],
  shape: Shape & { kind: 'mapping' | 'table' },
  path: string,
  check: Check,
): void {
  const fields = shape.kind === 'mapping' ? fieldsOf(check.minor, shape.type) : undefined;
  const seen = new Set<string>();
  for (const { key: keyNode, value } of pairs) {
    const key = textOf(keyNode);
    const here = join(path, key);
    if (seen.has(key)) check.refuse(here, keyNode, 'is there twice');
    seen.add(key);
    const field = shape.kind === 'table' ? shape.item : (fields?.get(key) ?? fields?.get('*'));
    if (field === undefined) check.refuse(here, keyNode, `is unknown to Talos ${check.minor}`);
    else if (shape.kind === 'table' && shape.isArgs && isSeq(value)) {
      for (const [index, item] of value.items.entries()) checkNode(item as Node, field, `${here}[${index}]`, check);
    } else checkNode(value, field, here, check);
  }
}

const forms: Readonly<Record<string, { pattern: RegExp; must: string }>> = {
  int: { pattern: /^[-+]?(\d[\d_]*|0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+)$/, must: 'must be a whole number' },
  float: { pattern: /^[-+]?(\.\d+|\d+(\.\d*)?([eE][-+]?\d+)?|\.inf)$|^\.nan$/i, must: 'must be a number' },
  bool: { pattern: /^(true|false|y|n|yes|no|on|off)$/i, must: 'must be true or false' },
  duration: {
    pattern: /^[-+]?(\d+|(\d+(\.\d*)?(ns|us|µs|μs|ms|s|m|h))+)$/,
    must: 'must be a time such as 30s or 1h30m',
  },
};

function checkScalar(node: Node | null, shape: Shape & { kind: 'scalar' }, path: string, check: Check): void {
  if (!isScalar(node)) {
    check.refuse(path, node, 'must be a single value');
    return;
  }
  const form = shape.of === 'leaf' ? undefined : forms[shape.of];
  // A number or a boolean in quotes is a text to Talos.
  const isQuoted = node.type !== 'PLAIN' && shape.of !== 'duration';
  if (form !== undefined && (isQuoted || !form.pattern.test(textOf(node)))) check.refuse(path, node, form.must);
}
