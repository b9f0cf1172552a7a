/** Code points, so that a cut never leaves half of one. */
const charactersOf = (text: string): string[] => Array.from(text);
export const lengthOf = (text: string): number => charactersOf(text).length;

/** The text cut to the width, with an ellipsis where something is missing. */
export function cutText(text: string, width: number, { isUtf8 }: { readonly isUtf8: boolean }): string {
  if (lengthOf(text) <= width) return text;
  const ellipsis = isUtf8 ? '…' : '...';
  const kept = charactersOf(text)
    .slice(0, Math.max(0, width - lengthOf(ellipsis)))
    .join('');
  return charactersOf(kept + ellipsis)
    .slice(0, Math.max(0, width))
    .join('');
}

/** The text as a cell of a table: exactly this wide, cut or padded. */
export function fitText(text: string, width: number, look: { readonly isUtf8: boolean }): string {
  const cut = cutText(text, width, look);
  return cut + ' '.repeat(Math.max(0, width - lengthOf(cut)));
}

/** Lines no wider than `width`, broken at spaces, else in the middle of a word that has no room on a line. */
export function wrapText(text: string, width: number, indent = ''): string[] {
  const room = Math.max(1, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (lengthOf(joined) <= room) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = charactersOf(word);
    while (rest.length > room) {
      lines.push(rest.slice(0, room).join(''));
      rest = rest.slice(room);
    }
    line = rest.join('');
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines.map((each) => indent + each);
}
