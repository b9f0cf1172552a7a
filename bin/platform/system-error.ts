/** The code of a system error (`EACCES`), `undefined` for anything else that was thrown. */
export function errorCodeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

const sentences: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  ENOENT: 'there is no such place',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
  EEXIST: 'there is a file of that name',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the filesystem is read-only',
  EMFILE: 'too many files are open',
};

/** Why the system refused, in words where we have them. */
export function reasonOf(thrown: unknown): string {
  const known = sentences[errorCodeOf(thrown) ?? ''];
  return known ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
