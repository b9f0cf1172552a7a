import type { Machine } from '../../core/machine.ts';

/** Why nobody can tell which machine this is, in words; `undefined` when its cards are its own. */
export function describeConflict({ conflicts = [] }: Pick<Machine, 'conflicts'>): string | undefined {
  if (conflicts.length === 0) return undefined;
  const cards = conflicts.map(({ mac, others }) => `${mac} (${others.join(', ')})`).join(', ');
  return `another machine says that it has the same network card, which was moved or has a copied address: ${cards}; let both boot again`;
}
