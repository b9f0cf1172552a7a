import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a rack's journal and sealed keys live: XDG base directories, one folder a rack. */
export function stateDirectoryOf(rack: string, env: Environment): string {
  const home = env['HOME'] ?? '/root';
  return join(env['XDG_STATE_HOME'] ?? join(home, '.local', 'state'), 'rackwright', rack);
}

/** The age identity that opens the sealed keys: that of SOPS when it is set, else our own. */
export function identityPathOf(env: Environment): string {
  const home = env['HOME'] ?? '/root';
  return env['SOPS_AGE_KEY_FILE'] ?? join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'rackwright', 'age.key');
}
