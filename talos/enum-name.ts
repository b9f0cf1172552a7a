import { talosGarbled } from './talos-faults.ts';

/** The name of a value on the wire. Fault `talos/garbled` for a number that our Talos versions do not have. */
export function enumName<Names extends Readonly<Record<string, number>>>(
  names: Names,
  value: number,
  about: { at: string; call: string },
): keyof Names & string {
  const found = Object.entries(names).find(([, number]) => number === value);
  if (found !== undefined) return found[0];
  const known = Object.keys(names).join(', ');
  throw talosGarbled({ ...about, reason: `it says ${value} where we know ${known}` });
}
