import { isMap, isSeq, type Node, type Pair } from 'yaml';
import { type ConfigDocument, isAbsent, join, textOf } from '../document/config-document.ts';
import { documentShape, fieldsOf } from '../document/config-fields.ts';
import type { Shape } from '../document/field-shape.ts';
import type { TalosContract } from '../talos-contract.ts';
import { isSecretField, mayCarrySecret } from './secret-fields.ts';

/** One value of a config. */
export interface ConfigValue {
  readonly text: string;
  /** Nobody may see it: it is a secret, may hold one, or nobody knows what it is. */
  readonly isSecret: boolean;
}

/** Every value of a document by its path, judged by the types of this minor. */
export function configValues({ kind, root }: ConfigDocument, minor: TalosContract): ReadonlyMap<string, ConfigValue> {
  const values = new Map<string, ConfigValue>();
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
