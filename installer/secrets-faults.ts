import { defineFault } from '../core/fault.ts';

export const secretsLost = defineFault<{ path: string }>('installer/secrets-lost', {
  kind: 'operator',
  exitCode: 3,
  title: ({ path }) => `The keys of this cluster were minted before, and ${path} is not there any more`,
  state: () => 'No new keys were made: machines that were installed with the old ones would not accept them.',
  remedy: ({ path }) =>
    `Restore ${path} from a backup. To begin a new cluster instead, give it another name in the rack file.`,
});

export const secretsTooOpen = defineFault<{ path: string; mode: string }>('installer/secrets-too-open', {
  kind: 'operator',
  exitCode: 3,
  title: ({ path, mode }) => `${path} may be read by others (mode ${mode})`,
  state: () => 'Nothing was started.',
  remedy: ({ path }) => `Run: chmod 600 ${path}`,
});

export const identityMissing = defineFault<{ path: string; identityPath: string }>('installer/identity-missing', {
  kind: 'operator',
  exitCode: 3,
  title: ({ path, identityPath }) => `${path} is sealed, and ${identityPath} holds no age identity to open it`,
  state: () => 'Nothing was started.',
  remedy: ({ identityPath }) => `Restore ${identityPath} from a backup, or name the right file with SOPS_AGE_KEY_FILE.`,
});
