import { parseAllDocuments } from 'yaml';
import { defineFault } from '../core/fault.ts';
import type { KubeObject } from './kube-object.ts';

const notAManifest = defineFault<{ file: string; document: number; why: string }>('kube/not-a-manifest', {
  kind: 'operator',
  exitCode: 4,
  title: ({ file, document, why }) => `${file}, document ${document}: ${why}`,
  state: () => 'Nothing of the file was applied.',
  remedy: ({ file }) => `Put a file of Kubernetes objects at ${file}, such as the release manifest of the project.`,
});

/**
 * The Kubernetes objects of a multi-document YAML text, in its order; empty documents are skipped and a `List` gives
 * its items. Fault `kube/not-a-manifest` with the document, and where in the file it begins.
 */
export function parseManifests(text: string, file: string): KubeObject[] {
  const objects: KubeObject[] = [];
  const documents = parseAllDocuments(text, { prettyErrors: false });
  documents.forEach((document, index) => {
    const refuse = (why: string, offset = document.contents?.range[0] ?? document.range[0]) =>
      notAManifest({ file, document: index + 1, why }, { places: [{ file, path: '', ...positionOf(text, offset) }] });
    const [error] = document.errors;
    if (error !== undefined) throw refuse(`is not YAML (${error.code})`, error.pos[0]);
    let value: unknown;
    try {
      value = document.toJS();
    } catch {
      throw refuse('has aliases that lead nowhere, or too many of them');
    }
    if (value === null) return;
    for (const item of itemsOf(value)) {
      const lacks = whatIsMissing(item);
      if (lacks !== undefined) throw refuse(lacks);
      objects.push(item as KubeObject);
    }
  });
  return objects;
}

function itemsOf(value: unknown): readonly unknown[] {
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'List' && 'items' in value) {
    return Array.isArray(value.items) ? value.items : [value];
  }
  return [value];
}

/** The sentence that says why this is not an object that could be applied; `undefined` when it is one. */
function whatIsMissing(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not a Kubernetes object';
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  if (typeof apiVersion !== 'string' || apiVersion === '') return 'has no apiVersion';
  if (typeof kind !== 'string' || kind === '') return 'has no kind';
  if (typeof metadata !== 'object' || metadata === null || !('name' in metadata))
    return `(${kind}) has no metadata.name`;
  if (typeof metadata.name !== 'string' || metadata.name === '') return `(${kind}) has no metadata.name`;
  if ('namespace' in metadata && typeof metadata.namespace !== 'string') {
    return `(${kind} ${metadata.name}) has a metadata.namespace that is not a text`;
  }
  return undefined;
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
