import { chooseFace, printable } from '../ui/index.ts';
import type { World } from './world.ts';

/** How lines look that are printed once: no colours and no screen, and UTF-8 where the locale has it. */
export const lookOf = ({ env }: Pick<World, 'env'>) => chooseFace({ isTty: false, noTui: true, env });

/** Prints each as a line of its own, without what would move a terminal's cursor. */
export function printLines(world: Pick<World, 'out' | 'env'>, lines: readonly string[]): void {
  const look = lookOf(world);
  for (const line of lines) world.out.write(`${printable(line, look)}\n`);
}
