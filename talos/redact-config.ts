import { parseAllDocuments, visit } from 'yaml';
import { configValues } from './diff/config-values.ts';
import { documentShape } from './document/config-fields.ts';
import { parseDocuments } from './document/parse-documents.ts';
import { talosContracts } from './talos-contract.ts';

/** Keys of a machine config whose values nobody may see in a message, in all documents of Talos 1.11 to 1.14. */
const secretKeys = /^(auth|key|passphrase|secret|token|.*(Secret|Token|[pP]assword|[pP]rivateKey|[pP]resharedKey))$/;
const replacement = '(secret)';
/** So many characters of a secret in a row are taken out: whoever quotes may cut, indent or escape what they quote. */
const pieceLength = 12;

/**
 * A function that takes the secrets of this machine config out of any text, such as an error that quotes a line of it:
 * what stands under a key that says so, in whatever document, and of documents that we know everything that a diff would
 * not show. Nothing is looked for before there is a text.
 */
export function redactorFor(config: string): (text: string) => string {
  let redact: ((text: string) => string) | undefined;
  return (text) => (text === '' ? text : (redact ??= compile(config))(text));
}

function compile(config: string): (text: string) => string {
  const secrets = namedSecrets(config);
  const whole = [...secrets].filter((secret) => secret.length < pieceLength);
  const pieces = new Set([...secrets, ...hiddenValues(config)].flatMap(piecesOf));
  return (text) => whole.reduce((rest, secret) => rest.replaceAll(secret, replacement), withoutPieces(text, pieces));
}

function namedSecrets(config: string): ReadonlySet<string> {
  const secrets = new Set<string>();
  for (const document of parseAllDocuments(config)) {
    visit(document, {
      Pair(_, pair) {
        const { key, value } = pair as { key: unknown; value: unknown };
        if (!isScalar(key) || !isScalar(value)) return;
        if (typeof value.value === 'string' && value.value.length > 0 && secretKeys.test(String(key.value))) {
          secrets.add(value.value);
        }
      },
    });
  }
  // The join token of SideroLink is inside of a URL.
  for (const [, token] of config.matchAll(/\bjointoken=([^\s&"']+)/g)) if (token !== undefined) secrets.add(token);
  return secrets;
}

/** Arguments, variables, files and the like, in which an operator may have put a secret. Short ones are words that anybody uses. */
function hiddenValues(config: string): string[] {
  return parseDocuments(config).documents.flatMap((document) => {
    const minors = talosContracts.filter((minor) => documentShape(minor, document.kind) !== undefined);
    // A field that one minor shows is only too new for another one.
    const [first, ...others] = minors.map((minor) => configValues(document, minor));
    return [...(first ?? [])].flatMap(([path, { text, isSecret }]) =>
      isSecret && others.every((values) => values.get(path)?.isSecret !== false) ? [text] : [],
    );
  });
}

function piecesOf(secret: string): string[] {
  const count = secret.length - pieceLength + 1;
  return count <= 0 ? [] : Array.from({ length: count }, (_, at) => secret.slice(at, at + pieceLength));
}

function withoutPieces(text: string, pieces: ReadonlySet<string>): string {
  let kept = '';
  let from = 0;
  for (let at = 0; at <= text.length - pieceLength; at += 1) {
    if (!pieces.has(text.slice(at, at + pieceLength))) continue;
    const start = at;
    while (pieces.has(text.slice(at + 1, at + 1 + pieceLength))) at += 1;
    kept += text.slice(from, start) + replacement;
    from = at + pieceLength;
    at = from - 1;
  }
  return kept + text.slice(from);
}

const isScalar = (node: unknown): node is { value: unknown } =>
  typeof node === 'object' && node !== null && 'value' in node;
