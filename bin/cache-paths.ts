import { join } from 'node:path';

/** Where fetched images live, for all racks: the XDG cache directory. They can be fetched again. */
export function assetCacheOf(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? '/root', '.cache'), 'rackwright', 'assets');
}
