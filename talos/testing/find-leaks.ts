import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import type { TalosSecrets } from '../talos-secrets.ts';

const size = 16;

/**
 * A function that names the secrets of which any 31 characters in a row stand in a text, be it as they are, line by
 * line, or as base64 once more. What the certificates show to everybody is no secret.
 */
export function leakFinder(
  secrets: TalosSecrets,
  more: Readonly<Record<string, string>> = {},
): (text: string) => string[] {
  const { osCa, etcdCa, kubernetesCa, aggregatorCa, clusterId: _, ...plain } = secrets;
  const authorities = { osCa, etcdCa, kubernetesCa, aggregatorCa };
  const shown = [...Object.values(authorities).map(({ crt }) => crt), ...strangers()].flatMap(forms).join('\n');
  const keys = Object.entries(authorities).map(([name, { key }]) => [name, key] as const);
  const canaries = [...keys, ...Object.entries(plain), ...Object.entries(more)].map(
    ([name, secret]) =>
      [
        name,
        forms(secret)
          .flatMap(pieces)
          .filter((piece) => !shown.includes(piece)),
      ] as const,
  );
  return (text) => canaries.filter(([, found]) => found.some((piece) => text.includes(piece))).map(([name]) => name);
}

/** Everything that a thrown value could show to somebody: message, stack, cause and whatever else hangs on it. */
export const everythingOf = (thrown: unknown): string =>
  inspect(thrown, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null, breakLength: Infinity });

/** Keys of nobody: what they have in common with ours is the form. */
const strangers = (): string[] => [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
    .replaceAll(' PRIVATE KEY', ' ED25519 PRIVATE KEY'),
];

const forms = (secret: string): string[] => [
  ...secret.split('\n').filter((line) => line !== '' && !line.startsWith('-----')),
  Buffer.from(secret).toString('base64'),
];

const pieces = (text: string): string[] =>
  text.length <= size
    ? [text]
    : [...Array(Math.floor(text.length / size)).keys()]
        .map((at) => text.slice(at * size, (at + 1) * size))
        .concat(text.slice(-size));
