/** The half-open byte range [start, end) that a request wants. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range of a Range header (RFC 9110 section 14.1.2) in a file of this size. `undefined`: there is none, or several,
 * or it is no byte range, and then the whole file is the answer. `unsatisfiable`: none of its bytes exist.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, end: sizeBytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= sizeBytes) return 'unsatisfiable';
  return { start, end: last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}
