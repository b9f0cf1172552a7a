/**
 * The name in a read request as the boot-file table writes it: no leading slashes, backslashes turned, and without the
 * blanks and 0xFF bytes that some ROMs leave at the end. `undefined` for a name that climbs out (`..`).
 */
export function parseFileName(text: string): string | undefined {
  const name = text
    .replaceAll('\\', '/')
    .replace(/^\/+/, '')
    .replace(/[\xff\s]+$/, '');
  return name === '' || name.split('/').includes('..') ? undefined : name;
}
