/** What a field of a document holds, and how Talos merges it (pkg/machinery/config/merge). */
export type Shape = ScalarShape | MappingShape | TableShape | ListShape;

interface Common {
  /** Talos tells an absent value from a zero one. */
  readonly isOptional: boolean;
  /** A patch replaces it as a whole. */
  readonly isReplaced: boolean;
}

export interface ScalarShape extends Common {
  readonly kind: 'scalar';
  /** `any` may turn out to be a mapping or a list. */
  readonly of: 'string' | 'int' | 'float' | 'bool' | 'duration' | 'enum' | 'bytes' | 'leaf' | 'any';
  /** Of an enum: the text that stands for nothing. Of a leaf: the name of its form. */
  readonly name?: string;
}

/** A mapping with known keys. */
export interface MappingShape extends Common {
  readonly kind: 'mapping';
  readonly type: string;
}

/** A mapping with any keys. `args`: a value is a text or a list of texts, and is replaced as a whole. */
export interface TableShape extends Common {
  readonly kind: 'table';
  readonly item: Shape;
  readonly isArgs: boolean;
}

export interface ListShape extends Common {
  readonly kind: 'list';
  readonly item: Shape;
  /** Talos' name of a list whose items are matched by a key. */
  readonly keyed?: string;
}

const plain = { isOptional: false, isReplaced: false };
const text: Shape = { kind: 'scalar', of: 'string', ...plain };
const scalars = ['string', 'int', 'float', 'bool', 'duration', 'bytes', 'any'] as const;

/** Reads the notation of test/peers/patch-oracle/describe.go. */
export function parseFieldShape(written: string): Shape {
  if (written.startsWith('=')) return { ...parseFieldShape(written.slice(1)), isReplaced: true };
  if (written.startsWith('*')) return { ...parseFieldShape(written.slice(1)), isOptional: true };
  if (written.startsWith('#')) return { kind: 'mapping', type: written.slice(1), ...plain };
  if (written.startsWith('[]')) return { kind: 'list', item: parseFieldShape(written.slice(2)), ...plain };
  if (written.startsWith('map:')) {
    return { kind: 'table', item: parseFieldShape(written.slice(4)), isArgs: false, ...plain };
  }
  const [, form, name = '', rest = ''] = /^(\w+)\(([^)]*(?:\(\d+\))?)\)(.*)$/.exec(written) ?? [];
  if (form === 'merge' && rest.startsWith('[]')) {
    return { kind: 'list', item: parseFieldShape(rest.slice(2)), keyed: name, ...plain };
  }
  if (form === 'merge' && name === 'Args') return { kind: 'table', item: text, isArgs: true, ...plain };
  if (form === 'merge') return { kind: 'scalar', of: 'leaf', name: `${name}!`, ...plain };
  if (form === 'leaf' || form === 'enum') return { kind: 'scalar', of: form, name, ...plain };
  const of = scalars.find((scalar) => scalar === written);
  if (of === undefined) throw new Error(`no shape is written ${written}`);
  return { kind: 'scalar', of, ...plain };
}
