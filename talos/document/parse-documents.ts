import { isAlias, isMap, isScalar, LineCounter, type Node, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import {
  type ConfigDocument,
  type ConfigProblem,
  identityOf,
  isAbsent,
  keysOf,
  mainKeys,
  pairOf,
  textOf,
  titleOf,
} from './config-document.ts';

export interface ParsedDocuments {
  readonly documents: readonly ConfigDocument[];
  readonly problems: readonly ConfigProblem[];
}

/** More than anybody writes, and less than a text needs to grow without end. */
const mostAliases = 1000;

/**
 * The documents of a config or a strategic patch, with everything that keeps Talos' loader from taking them apart
 * (configloader/internal/decoder). Null documents are left out. Never throws, and quotes no value.
 */
export function parseDocuments(text: string): ParsedDocuments {
  const lines = new LineCounter();
  const problems: ConfigProblem[] = [];
  const documents: ConfigDocument[] = [];
  const lineOf = (node: Node | null | undefined) => (node?.range ? lines.linePos(node.range[0]).line : undefined);
  const seen = new Set<string>();
  const read = parseAllDocuments(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  if ('empty' in read) return { documents, problems };
  for (const source of read) {
    const refuse = (message: string, at: Node | null | undefined, document = 'main') => {
      problems.push(problem(document, '', lineOf(at), message));
    };
    const [broken] = source.errors;
    if (broken !== undefined) {
      problems.push(problem('main', '', lines.linePos(broken.pos[0]).line, `is no YAML: ${broken.code}`));
      continue;
    }
    const root: unknown = source.contents;
    if (isAbsent(root)) continue;
    if (!isMap(root)) {
      refuse('is no mapping', source.contents);
      continue;
    }
    if (!expandAliases(source)) {
      refuse(`has an alias inside of itself, or more than ${mostAliases} of them`, root);
      continue;
    }
    const document = identify(root as YAMLMap<Node, Node | null>, source, lineOf);
    if (typeof document === 'string') {
      refuse(document, root);
      continue;
    }
    if (seen.has(identityOf(document))) refuse('is there twice', root, titleOf(document));
    seen.add(identityOf(document));
    documents.push(document);
  }
  return { documents, problems };
}

function identify(
  root: YAMLMap<Node, Node | null>,
  source: ConfigDocument['source'],
  lineOf: ConfigDocument['lineOf'],
): ConfigDocument | string {
  const value = (key: string) => {
    const node = pairOf(root, key)?.value;
    return isScalar(node) && !isAbsent(node) ? textOf(node) : '';
  };
  const [kind, apiVersion] = [value('kind'), value('apiVersion')];
  const document = { root, source, lineOf, name: value('name') };
  if (kind !== '' && apiVersion !== '') return { ...document, kind, apiVersion };
  if (kind !== '') return 'has a kind but no apiVersion';
  const isMain = apiVersion === 'v1alpha1' || keysOf(root).some((key) => mainKeys.includes(key) || key === '$patch');
  return isMain ? { ...document, name: '', kind: '', apiVersion: '' } : 'has no kind';
}

/** Merging and deleting must not reach another place by an alias. False when that has no end. */
function expandAliases(source: ConfigDocument['source']): boolean {
  const seen = { count: 0, isEndless: false };
  visit(source, {
    Alias: (_, alias, path) => {
      if (++seen.count > mostAliases) return visit.BREAK;
      const target = isAlias(alias) ? alias.resolve(source) : undefined;
      if (target === undefined) return undefined;
      if (path.includes(target)) {
        seen.isEndless = true;
        return visit.BREAK;
      }
      const copy = target.clone() as typeof target;
      if ('anchor' in copy) delete copy.anchor;
      return copy;
    },
  });
  visit(source, {
    Node: (_, node) => {
      if ('anchor' in node) delete node.anchor;
    },
  });
  return !seen.isEndless && seen.count <= mostAliases;
}

const problem = (document: string, path: string, line: number | undefined, message: string): ConfigProblem => ({
  document,
  path,
  ...(line === undefined ? {} : { line }),
  message,
});
