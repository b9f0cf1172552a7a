import { rackSpecSchema } from '../core/check-rack-spec.ts';
import type { Place } from '../core/fault.ts';
import { mapPatches } from '../core/rack-spec/map-patches.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { selectorProblem } from './classes/class-selector.ts';
import { describeIssue } from './describe-issue.ts';
import { type RackDocument, readRackDocument } from './rack-document.ts';
import { rackFileInvalid } from './rack-file-faults.ts';

/** A rack file that holds together, and a way to say where in it something stands. */
export interface RackFile {
  readonly file: string;
  readonly spec: RackSpec;
  readonly place: (path: readonly PropertyKey[]) => Place;
}

/**
 * Parses the text of a rack file. Fault `installer/rack-file-invalid` with every problem, each with line and path.
 * Patches in files of their own are not read: `loadRackFile` does that.
 */
export const parseRackFile = (file: string, text: string): RackFile => parseRackDocument(readRackDocument(file, text));

/** The same for a text that was read as YAML. */
export function parseRackDocument(document: RackDocument): RackFile {
  const { file, place, problems, source } = document;
  if (problems.length > 0) throw refusal(file, problems);
  const parsed = rackSpecSchema.safeParse(document.values);
  if (!parsed.success) {
    throw refusal(
      file,
      parsed.error.issues
        .flatMap((issue) => describeIssue(issue))
        .map(({ path, message }) => ({ place: place(path), message })),
    );
  }
  const spec = parsed.data;
  const selectors = Object.entries(spec.classes ?? {}).flatMap(([name, { selector }]) => {
    const message = selector === undefined ? undefined : selectorProblem(selector);
    return message === undefined ? [] : [{ place: place(['classes', name, 'selector']), message }];
  });
  if (selectors.length > 0) throw refusal(file, selectors);
  // Talos reads other things from some texts than a YAML reader of today does: it gets them as they were written.
  const asWritten = mapPatches(spec, (patch, path) => {
    const written = patch.inline === undefined ? undefined : source([...path, 'inline']);
    return written === undefined ? patch : { ...patch, inline: written.text };
  });
  return { file, spec: asWritten, place };
}

/** A rack file that the machines themselves contradict, such as a selector that fits two disks: same shape of fault. */
export function refusal(file: string, problems: readonly { place: Place; message: string }[]) {
  const lines = problems.map(({ place, message }) => {
    const elsewhere = place.file === file ? '' : `${place.file}, `;
    const where =
      place.line === undefined ? elsewhere : `${elsewhere}line ${place.line}, column ${place.column ?? 1}: `;
    return `${where}${place.path === '' ? '' : `${place.path}: `}${message}`;
  });
  return rackFileInvalid({ file, problems: lines }, { places: problems.map(({ place }) => place) });
}
