import { type Document, Scalar, type YAMLMap } from 'yaml';
import { type ConfigDocument, identityOf, mainKeys, pairOf, titleOf } from '../document/config-document.ts';
import { documentShape } from '../document/config-fields.ts';
import type { MappingShape, Shape } from '../document/field-shape.ts';
import { hasSince, type TalosContract } from '../talos-contract.ts';
import { deletePath } from './delete-path.ts';
import { mergeMapping, mergeUnknown } from './merge-node.ts';
import { MergeRefusal } from './merge-refusal.ts';
import type { Deletion } from './patch-deletions.ts';

/** One document of a strategic patch, taken apart. */
export interface PatchDocument extends ConfigDocument {
  readonly deletions: readonly Deletion[];
  /** It says nothing but deletions. */
  readonly isEmpty: boolean;
}

/** A refusal with the document of the patch that it belongs to. */
export interface Refusal {
  readonly document: PatchDocument;
  readonly refusal: MergeRefusal;
}

/**
 * One strategic patch on a config: documents are matched by apiVersion, kind and name, what matches none is appended
 * (configpatcher/strategic.go). Changes the documents of `config`; gives the new list of them. The documents of the
 * config and of the patch must not be used afterwards when something was refused.
 */
export function patchDocuments(
  config: readonly ConfigDocument[],
  patch: readonly PatchDocument[],
  minor: TalosContract,
): { documents: readonly ConfigDocument[]; refusals: readonly Refusal[] } {
  const documents = [...config];
  const refusals: Refusal[] = [];
  // Talos does what concerns the main document first, and puts it first.
  const ordered = [...patch.filter(({ kind }) => kind === ''), ...patch.filter(({ kind }) => kind !== '')];
  for (const document of ordered) {
    try {
      patchOne(documents, document, minor);
    } catch (thrown) {
      if (!(thrown instanceof MergeRefusal)) throw thrown;
      refusals.push({ document, refusal: thrown });
    }
  }
  return { documents, refusals };
}

function patchOne(documents: ConfigDocument[], patch: PatchDocument, minor: TalosContract): void {
  const at = documents.findIndex((document) => identityOf(document) === identityOf(patch));
  const found = documents[at];
  const shape = documentShape(minor, patch.kind);
  for (const deletion of patch.deletions) {
    if (found === undefined) {
      if (hasSince(minor, 'v1.14')) continue;
      throw new MergeRefusal('', deletion.at, `lookup failed: the config has no ${titleOf(patch)} to delete from`);
    }
    if (deletion.path.length > 0) {
      deletePath(found.root, deletion, shape ?? unknown, minor);
    } else if (found.kind === '') {
      throw new MergeRefusal('', deletion.at, "can't delete the root of the main document");
    } else {
      documents.splice(at, 1);
    }
  }
  if (patch.isEmpty) return;
  if (found === undefined) append(documents, patch);
  else if (shape === undefined) mergeUnknown(found.root, patch.root, minor);
  else mergeMapping(found.root, patch.root, shape satisfies MappingShape, minor);
}

/** A kind that this Talos minor does not have, or that came later than our tables: by what the values look like. */
const unknown: Shape = { kind: 'scalar', of: 'any', isOptional: false, isReplaced: false };

function append(documents: ConfigDocument[], { deletions: _, isEmpty: __, ...document }: PatchDocument): void {
  if (document.kind === '') documents.unshift(document);
  else documents.push(document);
}

/** The text of the documents, in their order. */
export function renderDocuments(documents: readonly ConfigDocument[]): string {
  return documents
    .map(({ kind, root, source }) => {
      // Without one of these keys Talos does not know the main document.
      if (kind === '' && mainKeys.every((key) => pairOf(root, key) === undefined))
        root.set(new Scalar('machine'), plainNull());
      return render(root, source);
    })
    .join('---\n');
}

/** As Talos writes a section that was deleted. */
function plainNull(): Scalar {
  const scalar = new Scalar('null');
  scalar.type = 'PLAIN';
  return scalar;
}

function render(root: YAMLMap, source: Document): string {
  const document = source.clone();
  document.contents = root;
  document.directives = undefined;
  return document.toString({ lineWidth: 0, directives: false });
}
