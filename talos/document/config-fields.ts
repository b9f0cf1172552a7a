import type { TalosContract } from '../talos-contract.ts';
import { parseFieldShape, type Shape } from './field-shape.ts';
import v111 from './fields-v1.11.json' with { type: 'json' };
import v112 from './fields-v1.12.json' with { type: 'json' };
import v113 from './fields-v1.13.json' with { type: 'json' };
import v114 from './fields-v1.14.json' with { type: 'json' };

/** What Talos' own types say of its documents; made and compared by test/peers/patch-oracle. */
export interface FieldTable {
  /** From the kind of a document, `''` for the main one, to its type. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const tables: Readonly<Record<TalosContract, FieldTable>> = {
  'v1.11': v111,
  'v1.12': v112,
  'v1.13': v113,
  'v1.14': v114,
};

/** Read once of each type: the tables never change, so that it is the same for everybody. */
const parsed = new Map<string, ReadonlyMap<string, Shape>>();

/** The fields of a type by their keys; the key `*` stands for any other. */
export function fieldsOf(minor: TalosContract, type: string): ReadonlyMap<string, Shape> {
  const id = `${minor} ${type}`;
  let fields = parsed.get(id);
  if (fields === undefined) {
    const written = Object.entries(tables[minor].types[type] ?? {});
    fields = new Map(written.map(([key, shape]) => [key, parseFieldShape(shape)]));
    parsed.set(id, fields);
  }
  return fields;
}

/** The shape of a document of this kind; `undefined` when this minor has no such kind. */
export function documentShape(minor: TalosContract, kind: string): (Shape & { kind: 'mapping' }) | undefined {
  const type = tables[minor].kinds[kind];
  return type === undefined ? undefined : { kind: 'mapping', type, isOptional: false, isReplaced: false };
}

/** Every kind of document that a minor has, the main one left out. */
export const documentKinds = (minor: TalosContract): string[] => Object.keys(tables[minor].kinds).filter(Boolean);
