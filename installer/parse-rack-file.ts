import { isMap, isNode, isPair, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { rackSpecSchema, renderPath } from '../core/check-rack-spec.ts';
import type { Place } from '../core/fault.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { describeIssue } from './describe-issue.ts';
import { rackFileInvalid } from './rack-file-faults.ts';

/** A rack file that holds together, and a way to say where in it something stands. */
export interface RackFile {
  readonly file: string;
  readonly spec: RackSpec;
  readonly place: (path: readonly PropertyKey[]) => Place;
}

/** Parses the text of a rack file. Fault `installer/rack-file-invalid` with every problem, each with line and path. */
export function parseRackFile(file: string, text: string): RackFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const place = (path: readonly PropertyKey[]): Place => ({
    file,
    path: renderPath(path),
    ...at(offsetOf(document.contents, path)),
  });

  if (document.errors.length > 0) {
    throw refusal(
      file,
      document.errors.map(({ pos, message }) => ({
        place: { file, path: '', ...at(pos[0]) },
        message: (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, ''),
      })),
    );
  }
  const parsed = rackSpecSchema.safeParse(document.toJS());
  if (parsed.success) return { file, spec: parsed.data, place };
  throw refusal(
    file,
    parsed.error.issues
      .flatMap((issue) => describeIssue(issue))
      .map(({ path, message }) => ({ place: place(path), message })),
  );
}

/** A rack file that the machines themselves contradict, such as a selector that fits two disks: same shape of fault. */
export function refusal(file: string, problems: readonly { place: Place; message: string }[]) {
  const lines = problems.map(({ place, message }) => {
    const where = place.line === undefined ? '' : `line ${place.line}, column ${place.column ?? 1}: `;
    return `${where}${place.path === '' ? '' : `${place.path}: `}${message}`;
  });
  return rackFileInvalid({ file, problems: lines }, { places: problems.map(({ place }) => place) });
}

/** Offset of the node at a path, or of the nearest one above it when the path leads nowhere. */
function offsetOf(root: ParsedNode | null, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(key));
      if (pair === undefined) return offset;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isNode(node) && 'items' in node && typeof key === 'number') {
      node = (node.items as unknown[])[key];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else {
      return offset;
    }
  }
  return offset;
}
