import { isSeq, LineCounter, parseDocument, type YAMLSeq } from 'yaml';
import { checkFields } from '../document/check-fields.ts';
import { type ConfigDocument, type ConfigProblem, cloneMap, titleOf } from '../document/config-document.ts';
import { parseDocuments } from '../document/parse-documents.ts';
import { hasSince, type TalosContract } from '../talos-contract.ts';
import { checkConflicts } from '../validate/check-conflicts.ts';
import { applyJsonPatch } from './apply-json-patch.ts';
import { MergeRefusal } from './merge-refusal.ts';
import { takeDeletions } from './patch-deletions.ts';
import { type PatchDocument, patchDocuments, renderDocuments } from './patch-documents.ts';
import { type PatchProblem, patchRefused } from './patch-faults.ts';

export interface ConfigPatch {
  /** Where the text is from, for messages. */
  readonly file: string;
  readonly text: string;
}

/** The layers in which patches are applied: what is said of one machine has the last word. */
export interface PatchLayers {
  readonly all?: readonly ConfigPatch[];
  readonly role?: readonly ConfigPatch[];
  readonly class?: readonly ConfigPatch[];
  readonly machine?: readonly ConfigPatch[];
}

const order = ['all', 'role', 'class', 'machine'] as const satisfies (keyof PatchLayers)[];

/**
 * The config with all patches, as Talos' own machinery of this minor applies them: strategic merges, or JSON patches
 * (RFC 6902) when a patch is a list. Documents of a kind that is not known go through as they are. Fault
 * `talos/patch-refused` with the place of every problem; it quotes no value.
 */
export function applyPatches(config: string, layers: PatchLayers, minor: TalosContract): string {
  const { patched, problems } = tryPatches(config, layers, minor);
  if (problems.length > 0) throw patchRefused({ problems }, { places: problems.map(({ place }) => place) });
  return patched;
}

/** The same, with the problems as a value; a patch with a problem is left out. */
export function tryPatches(
  config: string,
  layers: PatchLayers,
  minor: TalosContract,
): { readonly patched: string; readonly problems: readonly PatchProblem[] } {
  const problems: PatchProblem[] = [];
  const base = parseDocuments(config);
  problems.push(...base.problems.map((problem) => placed(problem, 'the config')));
  problems.push(
    ...base.documents
      .flatMap((document) => checkFields(document, minor))
      .map((problem) => placed(problem, 'the config')),
  );
  problems.push(...checkConflicts(base.documents, minor).map((problem) => placed(problem, 'the config')));
  let documents = base.documents;
  for (const patch of order.flatMap((layer) => layers[layer] ?? [])) {
    const found: PatchProblem[] = [];
    const patched = applyPatch(documents, patch, minor, found);
    if (found.length === 0) documents = patched;
    problems.push(...found);
  }
  return { patched: renderDocuments(documents), problems };
}

function applyPatch(
  config: readonly ConfigDocument[],
  { file, text }: ConfigPatch,
  minor: TalosContract,
  problems: PatchProblem[],
): readonly ConfigDocument[] {
  // A refused patch must leave nothing behind for the ones after it.
  const documents = config.map((document) => ({ ...document, root: cloneMap(document.root) }));
  const json = jsonPatchOf(text);
  if (json !== undefined) {
    const [main, ...others] = documents;
    if (main === undefined || others.length > 0) {
      const message = 'is a JSON patch; Talos takes those only on a config of a single document';
      problems.push({ place: { file, path: '' }, message });
      return config;
    }
    const refusal = refusalOf(() => applyJsonPatch(main.root, json.operations));
    if (refusal !== undefined)
      problems.push({ place: place(file, refusal.path, json.lineOf(refusal)), message: refusal.message });
    const checked = refusal === undefined ? checkFields(main, minor) : [];
    problems.push(...checked.map((problem) => placed({ ...problem, line: 0 }, file)));
    return documents;
  }
  const patch = readPatch(text, file, minor, problems);
  const { documents: patched, refusals } = patchDocuments(documents, patch, minor);
  for (const { document, refusal } of refusals) {
    const line = document.lineOf(refusal.at);
    problems.push({ place: place(file, refusal.path, line), message: `${titleOf(document)}: ${refusal.message}` });
  }
  if (problems.length === 0) problems.push(...checkConflicts(patched, minor).map((problem) => placed(problem, file)));
  return patched;
}

function readPatch(
  text: string,
  file: string,
  minor: TalosContract,
  problems: PatchProblem[],
): readonly PatchDocument[] {
  const parsed = parseDocuments(text);
  problems.push(...parsed.problems.map((problem) => placed(problem, file)));
  // Since 1.14 Talos looks only at what the patches lead to.
  if (!hasSince(minor, 'v1.14'))
    problems.push(...checkConflicts(parsed.documents, minor).map((problem) => placed(problem, file)));
  if (parsed.documents.length === 0 && parsed.problems.length === 0) {
    problems.push({ place: { file, path: '' }, message: 'has no document' });
  }
  return parsed.documents.flatMap((document) => {
    let deletions: ReturnType<typeof takeDeletions> | undefined;
    const refusal = refusalOf(() => {
      deletions = takeDeletions(document.root);
    });
    if (refusal !== undefined) {
      const line = document.lineOf(refusal.at);
      problems.push({ place: place(file, refusal.path, line), message: `${titleOf(document)}: ${refusal.message}` });
    }
    if (deletions === undefined) return [];
    if (!deletions.isEmpty) problems.push(...checkFields(document, minor).map((problem) => placed(problem, file)));
    return [{ ...document, ...deletions }];
  });
}

/** The operations, when the text is a list and so a JSON patch. */
function jsonPatchOf(
  text: string,
): { operations: YAMLSeq; lineOf: (at: MergeRefusal) => number | undefined } | undefined {
  const lines = new LineCounter();
  const { contents, errors } = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  if (errors.length > 0 || !isSeq(contents)) return undefined;
  const lineOf = ({ at }: MergeRefusal) => (at?.range ? lines.linePos(at.range[0]).line : undefined);
  return { operations: contents, lineOf };
}

function refusalOf(change: () => void): MergeRefusal | undefined {
  try {
    change();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof MergeRefusal) return thrown;
    throw thrown;
  }
}

const place = (file: string, path: string, line: number | undefined) => ({
  file,
  path,
  ...(line === undefined || line === 0 ? {} : { line }),
});

const placed = ({ document, path, line, message }: ConfigProblem, file: string): PatchProblem => ({
  place: place(file, path, line),
  message: `${document}: ${message}`,
});
