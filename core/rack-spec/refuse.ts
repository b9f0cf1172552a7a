/** Says that something in the rack file is wrong, and what is allowed, at a path into it. */
export type Refuse = (path: readonly (string | number)[], message: string) => void;

/** A path into the rack file as an operator writes it: `machines[2].address`. */
export function renderPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`),
    '',
  );
}
