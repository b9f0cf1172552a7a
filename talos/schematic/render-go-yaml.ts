import { resolvesToNonString } from './go-yaml-resolve.ts';
import { schematicNotComputable } from './schematic-faults.ts';

export type GoYaml = string | number | boolean | readonly GoYaml[] | GoYamlMap;
export interface GoYamlMap {
  readonly [key: string]: GoYaml | undefined;
}

const step = 4;

/**
 * A mapping as go-yaml 3 writes it, byte for byte: keys in the order given, those without a value left out, lists
 * indented under their key. Keys have to be plain words. Fault `talos/schematic-not-computable` for the few texts and
 * numbers that go-yaml writes in a way of its own.
 */
export function renderGoYaml(map: GoYamlMap): string {
  return `${renderMap(map, 0).join('\n')}\n`;
}

/** The lines of a mapping whose keys stand in this column. */
function renderMap(map: GoYamlMap, column: number): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const nested = step * Math.floor((column + step) / step);
    return join(`${' '.repeat(column)}${key}:`, renderValue(value, nested), nested);
  });
}

type Rendered = { readonly inline: readonly string[] } | { readonly below: readonly string[] };

const join = (head: string, value: Rendered, indent: number): string[] => {
  if ('below' in value) return [head, ...value.below];
  const [first = '', ...lines] = value.inline;
  return [`${head} ${first}`, ...lines.map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line}`))];
};

function renderValue(value: GoYaml, column: number): Rendered {
  if (typeof value === 'string') return { inline: renderScalar(value) };
  if (typeof value === 'boolean') return { inline: [String(value)] };
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw schematicNotComputable({ why: `${value} is not a whole number` });
    return { inline: [String(value)] };
  }
  if (isList(value)) {
    if (value.length === 0) return { inline: ['[]'] };
    return { below: value.flatMap((item) => renderItem(item, column)) };
  }
  const lines = renderMap(value, column);
  return lines.length === 0 ? { inline: ['{}'] } : { below: lines };
}

const isList = (value: GoYaml): value is readonly GoYaml[] => Array.isArray(value);

/** What is in a list item is only indented by its dash. */
function renderItem(item: GoYaml, column: number): string[] {
  const head = `${' '.repeat(column)}-`;
  const value = renderValue(item, column + 2);
  if ('inline' in value) return join(head, value, column + 2);
  const [first = '', ...rest] = value.below;
  return [`${head} ${first.trimStart()}`, ...rest];
}

/** The first line goes behind the key; further ones, of a literal block, below it. */
function renderScalar(text: string): string[] {
  if (/[\u2028\u2029\uFEFF]/.test(text) || !text.isWellFormed()) {
    throw schematicNotComputable({ why: 'a value holds a line separator, a byte order mark or half a character' });
  }
  const isPrintable = !/[^\t\n\x20-\x7E\u00A0-\uD7FF\uE000-\uFFFD]/u.test(text);
  if (text.includes('\n')) {
    return isPrintable && !/ (\n|$)/.test(text) ? literal(text) : [doubleQuoted(text)];
  }
  if (resolvesToNonString(text)) return [doubleQuoted(text)];
  if (!isPrintable || text.includes('\t')) return [doubleQuoted(text)];
  return [isPlain(text) ? text : `'${text.replaceAll("'", "''")}'`];
}

/** YAML 1.2 7.3.3 in block context, and stricter where go-yaml is. */
const isPlain = (text: string): boolean => !/^[#,[\]{}&*!|>'"%@`]|^[-?:]( |$)|^(---|\.\.\.)|:( |$)| #|^ | $/.test(text);

function literal(text: string): string[] {
  const hint = /^[ \n]/.test(text) ? String(step) : '';
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
  // go-yaml 3 loses a line break at the very beginning.
  const lines = text.replace(/^\n/, '').split('\n');
  return [`|${hint}${chomp}`, ...(text.endsWith('\n') ? lines.slice(0, -1) : lines)];
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1B': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
};

const doubleQuoted = (text: string): string =>
  `"${text.replace(/["\\]|[^\x20-\x7E\u00A0-\uD7FF\uE000-\uFFFD]/gu, (character) => {
    const escape = escapes[character];
    if (escape !== undefined) return `\\${escape}`;
    const code = character.codePointAt(0) ?? 0;
    const [letter, width] =
      code <= 0xff ? (['x', 2] as const) : code <= 0xffff ? (['u', 4] as const) : (['U', 8] as const);
    return `\\${letter}${code.toString(16).toUpperCase().padStart(width, '0')}`;
  })}"`;
