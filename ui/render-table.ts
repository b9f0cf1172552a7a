import { fitText, lengthOf } from './fit-text.ts';
import type { Look } from './look.ts';
import { printable } from './printable.ts';

const gap = '   ';

/**
 * A table as kubectl draws it: one line a row, columns as wide as their widest cell, nothing cut, no line ends in
 * spaces. Cells come from strangers, too, and are made safe to write to a terminal.
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  look: Pick<Look, 'isUtf8'>,
): string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => printable(cell, look)));
  const widths = head.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, lengthOf(row[column] ?? '')), 0),
  );
  return cells.map((row) =>
    widths
      .map((width, column) => fitText(row[column] ?? '', width, look))
      .join(gap)
      .trimEnd(),
  );
}
