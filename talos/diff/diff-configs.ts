import { createHmac } from 'node:crypto';
import { isMap, isSeq, type Node, type Pair } from 'yaml';
import type { Random } from '../../core/ports.ts';
import { type ConfigDocument, identityOf, isAbsent, join, textOf, titleOf } from '../document/config-document.ts';
import { documentShape, fieldsOf } from '../document/config-fields.ts';
import type { Shape } from '../document/field-shape.ts';
import { parseDocuments } from '../document/parse-documents.ts';
import { type TalosContract } from '../talos-contract.ts';
import { configUnreadable } from './diff-faults.ts';
import { isSecretField, mayCarrySecret } from './secret-fields.ts';

/** One value that is not the same in two configs. A secret shows as `(secret 1a2b3c4d)`. */
export interface ConfigChange {
  /** `main`, or kind and name. */
  readonly document: string;
  /** Keys with dots, items in brackets. */
  readonly path: string;
  /** Absent when the value is new. */
  readonly before?: string;
  /** Absent when the value is gone. */
  readonly after?: string;
}

/**
 * What differs between two configs of a minor, document by document, in the order of the first. Secrets, and all values
 * of kinds that are not known, show as fingerprints with a key of this one call: equal within one diff when they are
 * equal, and of no use for guessing. Fault `talos/config-unreadable`.
 */
export function diffConfigs(
  before: string,
  after: string,
  { minor, random }: { minor: TalosContract; random: Random },
): ConfigChange[] {
  const key = random.bytes(32);
  const show = ({ text, isSecret }: Value) =>
    isSecret ? `(secret ${createHmac('sha256', key).update(text).digest('hex').slice(0, 8)})` : text;
  const [old, now] = [before, after].map((text) => readValues(text, minor)) as [Documents, Documents];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((document) => {
    const [left, right] = [old.get(document), now.get(document)];
    const paths = new Set([...(left?.values.keys() ?? []), ...(right?.values.keys() ?? [])]);
    return [...paths].flatMap((path): ConfigChange[] => {
      const [one, other] = [left?.values.get(path), right?.values.get(path)];
      if (one?.text === other?.text) return [];
      return [
        {
          document: (left ?? right)?.title ?? '',
          path,
          ...(one === undefined ? {} : { before: show(one) }),
          ...(other === undefined ? {} : { after: show(other) }),
        },
      ];
    });
  });
}

interface Value {
  readonly text: string;
  readonly isSecret: boolean;
}

type Documents = ReadonlyMap<string, { readonly title: string; readonly values: ReadonlyMap<string, Value> }>;

function readValues(text: string, minor: TalosContract): Documents {
  const { documents, problems } = parseDocuments(text);
  if (problems.length > 0) throw configUnreadable({ problems });
  return new Map(
    documents.map((document) => [
      identityOf(document),
      { title: titleOf(document), values: valuesOf(document, minor) },
    ]),
  );
}

function valuesOf({ kind, root }: ConfigDocument, minor: TalosContract): Map<string, Value> {
  const values = new Map<string, Value>();
  const walk = (node: Node | null, shape: Shape | undefined, path: string, isSecret: boolean): void => {
    if (isAbsent(node)) return;
    if (isMap(node) && node.items.length > 0) {
      for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
        const name = textOf(key);
        const hidden = isSecret || (shape?.kind === 'mapping' && isSecretField(shape.type, name));
        walk(value, below(shape, name, minor), join(path, name), hidden);
      }
    } else if (isSeq(node) && node.items.length > 0) {
      const item = shape?.kind === 'list' ? shape.item : shape;
      for (const [index, one] of (node.items as Node[]).entries()) walk(one, item, `${path}[${index}]`, isSecret);
    } else {
      const written = isMap(node) ? '{}' : isSeq(node) ? '[]' : textOf(node);
      values.set(path, { text: written, isSecret: isSecret || shape === undefined || mayCarrySecret(written) });
    }
  };
  const shape = documentShape(minor, kind);
  if (shape !== undefined) walk(root, shape, '', false);
  else {
    for (const { key, value } of root.items) {
      const name = textOf(key);
      walk(value, identifying.has(name) ? text : undefined, name, false);
    }
  }
  return values;
}

/** What of a document of an unknown kind is shown as it is. */
const identifying = new Set(['apiVersion', 'kind', 'name']);
const text: Shape = { kind: 'scalar', of: 'string', isOptional: false, isReplaced: false };

function below(shape: Shape | undefined, key: string, minor: TalosContract): Shape | undefined {
  if (shape?.kind === 'table') return shape.item;
  if (shape?.kind === 'mapping') return fieldsOf(minor, shape.type).get(key) ?? fieldsOf(minor, shape.type).get('*');
  return shape?.kind === 'scalar' && shape.of === 'any' ? shape : undefined;
}
