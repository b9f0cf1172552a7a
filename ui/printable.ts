/** ASCII for the characters that our own sentences use; every other one is shown as a question mark. */
const asciiOf: Readonly<Record<string, string>> = {
  '…': '...',
  '→': '->',
  '←': '<-',
  '–': '-',
  '—': '-',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '×': 'x',
  '·': '.',
  '\u{a0}': ' ',
};

/**
 * One line that is safe to write to a terminal. Disk models, DHCP options and server messages come from strangers:
 * escape sequences and line breaks in them, and marks that turn the reading direction, are shown as a question mark.
 */
export function printable(text: string, { isUtf8 }: { readonly isUtf8: boolean }): string {
  const safe = text
    .replaceAll(/\s/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}]/gu, '?');
  if (isUtf8) return safe;
  return safe.replaceAll(/[^ -~]/gu, (character) => asciiOf[character] ?? '?');
}
