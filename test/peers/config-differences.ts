import { isDeepStrictEqual } from 'node:util';
import { parseConfigText } from '../../talos/testing/parse-config-text.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * Paths at which two machine configs do not mean the same. A path begins with the kind of the document, and its name
 * after a slash where it has one; the document without a kind is `main`.
 */
export const configDifferences = (one: string, other: string): string[] =>
  differences(documentsOf(one), documentsOf(other)).sort();

const documentsOf = (yaml: string): Tree =>
  Object.fromEntries(
    parseConfigText(yaml).map((document) => {
      const [kind, name] = [document['kind'], document['name']] as (string | undefined)[];
      return [kind === undefined ? 'main' : `${kind}${name === undefined ? '' : `/${name}`}`, document];
    }),
  );

function differences(one: Tree, other: Tree, path = ''): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`;
    const [here, there] = [one[key], other[key]];
    if (isTree(here) && isTree(there)) return differences(here, there, at);
    return isDeepStrictEqual(here, there) ? [] : [at];
  });
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
