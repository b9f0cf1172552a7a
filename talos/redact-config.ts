import { parseAllDocuments, visit } from 'yaml';

/** Keys of a machine config whose values nobody may see in a message. */
const secretKeys = /^(token|secret|key|.*Secret|.*[pP]assword|.*[pP]rivateKey|auth)$/;
const replacement = '(secret)';

/** A function that takes the secrets of this machine config out of any text, such as an error that quotes a line of it. */
export function redactorFor(config: string): (text: string) => string {
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
  return (text) => secrets.values().reduce((rest, secret) => rest.replaceAll(secret, replacement), text);
}

const isScalar = (node: unknown): node is { value: unknown } =>
  typeof node === 'object' && node !== null && 'value' in node;
