import { Document, visit } from 'yaml';
import type { PlainDocument } from './document-builder/config-document.ts';

/** What Talos takes for a number or a merge, but a writer of YAML 1.1 leaves unquoted. */
const meaningForTalosAlone = /^([-+]?0[ob][-+0-9_]*|[-+.0-9][0-9a-fox.+-]*_[0-9a-fox_.+-]*|<<)$/i;

/** What Talos' reader refuses or takes for a line break unless it is escaped, and a writer of YAML leaves as it is. */
const unreadable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Lines whose blanks at the beginning or alone on a line Talos' reader takes for indentation. */
const ambiguousBlock = /^\s[^]*\n|^\n|\n[ \t]+(\n|$)/;

/**
 * A machine config as text. YAML 1.1 and 1.2 readers take the same values from it; equal documents give equal text.
 */
export const renderConfigText = (documents: readonly PlainDocument[]): string =>
  documents.map((document) => renderDocument(document)).join('---\n');

function renderDocument(values: PlainDocument): string {
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
