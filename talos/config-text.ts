import { Document, isScalar, type Pair, parseAllDocuments, type ScalarTag, visit } from 'yaml';
import type { ConfigDocument } from './document-builder/config-document.ts';

/** What Talos takes for a number or a merge, but a writer of YAML 1.1 leaves unquoted. */
const meaningForTalosAlone = /^([-+]?0[ob][-+0-9_]*|[-+.0-9][0-9a-fox.+-]*_[0-9a-fox_.+-]*|<<)$/i;

/** What Talos' reader refuses or takes for a line break unless it is escaped, and a writer of YAML leaves as it is. */
const unreadable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Lines whose blanks at the beginning or alone on a line Talos' reader takes for indentation. */
const ambiguousBlock = /^\s[^]*\n|^\n|\n[ \t]+(\n|$)/;

const integerForm = /^[-+]?(0[0-7]+|0b[01]+|0o[0-7]+|0x[0-9a-f]+|0|[1-9][0-9]*)$/i;
const floatForm = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e[-+]?[0-9]+)?$/i;

/**
 * Numbers as Talos' reader takes them, where YAML 1.2 does not: octal with a leading zero, binary, and `_` anywhere
 * after the first digit. Integers too large for a number become a bigint, so that no digit is lost.
 */
const number: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+.0-9][0-9a-fox_.+-]*$/i,
  resolve(text) {
    const digits = (text.startsWith('.') ? text : text.replaceAll('_', '')).toLowerCase();
    if (integerForm.test(digits)) return integerOf(digits);
    // Talos leaves what no float can hold as text.
    return floatForm.test(digits) && Number.isFinite(Number(digits)) ? Number(digits) : text;
  },
};

function integerOf(text: string): number | bigint {
  const digits = text.replace(/^[-+]/, '').replace(/^0(?=[0-7])/, '0o');
  const value = text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/**
 * A machine config as text. YAML 1.1 and 1.2 readers take the same values from it; equal documents give equal text.
 */
export const renderConfigText = (documents: readonly ConfigDocument[]): string =>
  documents.map((document) => renderDocument(document)).join('---\n');

function renderDocument(values: ConfigDocument): string {
  const document = new Document(values, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return;
      const risky = [meaningForTalosAlone, unreadable, ambiguousBlock];
      const { value } = node;
      if (risky.some((form) => value.search(form) >= 0)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({ lineWidth: 0 });
  return text.replace(unreadable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The documents of a machine config, as Talos reads them: kinds that we do not know stay as they are, empty documents
 * are none. Faults are the YAML reader's own errors, with the place of each.
 */
export function parseConfigText(text: string): ConfigDocument[] {
  const documents = parseAllDocuments(text, {
    version: '1.2',
    merge: true,
    customTags: (tags) => [number, ...tags],
  });
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    visit(document, { Pair: keepKey });
    return [document.toJS() as ConfigDocument];
  });
}

/** Keys are text to Talos, also those that look like a number. */
function keepKey(_: unknown, { key }: Pair): void {
  if (isScalar(key) && ['number', 'bigint', 'boolean'].includes(typeof key.value)) key.value = key.source ?? key.value;
}
