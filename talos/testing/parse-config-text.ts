import { isScalar, type Pair, parseAllDocuments, type ScalarTag, visit } from 'yaml';
import type { PlainDocument } from '../document-builder/config-document.ts';

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
 * The documents of a machine config, as Talos reads them: kinds that we do not know stay as they are, empty documents
 * are none. Faults are the YAML reader's own errors, with the place of each.
 */
export function parseConfigText(text: string): PlainDocument[] {
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
    return [document.toJS() as PlainDocument];
  });
}

/** Keys are text to Talos, also those that look like a number. */
function keepKey(_: unknown, { key }: Pair): void {
  if (isScalar(key) && ['number', 'bigint', 'boolean'].includes(typeof key.value)) key.value = key.source ?? key.value;
}
