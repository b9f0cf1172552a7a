import type { Clock, Files, Random } from '../core/ports.ts';
import {
  checkSecrets,
  createAdminKeys,
  createSealIdentity,
  createSecrets,
  openSecrets,
  parseSecretsFile,
  renderSecretsFile,
  sealSecrets,
  type TalosKeys,
  type TalosSecrets,
} from '../talos/index.ts';
import { identityMissing, secretsTooOpen } from './secrets-faults.ts';

/** The keys of one cluster: on disk only sealed, opened only in memory. */
export interface ClusterSecrets {
  readonly path: string;
  /** `undefined` when none were minted yet. Faults: `installer/secrets-too-open`, `installer/identity-missing`, `talos/secrets-locked`. */
  read(): Promise<TalosSecrets | undefined>;
  /** Makes new ones and seals them; the file appears whole or not at all. */
  mint(): Promise<void>;
  /** Seals those of a cluster that exists. Faults of `read`, and those of secrets that are good for nothing. */
  seal(secrets: TalosSecrets): Promise<void>;
  /** An admin's client certificate for the Talos API, made once per process; `undefined` before `mint`. */
  keys(): Promise<TalosKeys | undefined>;
}

export interface ClusterSecretsOptions {
  /** The sealed file. */
  readonly path: string;
  /** The age identity that opens it, in the form of SOPS and age-keygen; made when there is none. */
  readonly identityPath: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
}

export function clusterSecrets({ path, identityPath, files, clock, random }: ClusterSecretsOptions): ClusterSecrets {
  let opened: TalosSecrets | undefined;
  let keys: Promise<TalosKeys> | undefined;

  const readPrivate = async (file: string): Promise<string | undefined> => {
    const mode = await files.mode(file);
    if (mode !== undefined && (mode & 0o077) !== 0) {
      throw secretsTooOpen({ path: file, mode: `0${(mode & 0o777).toString(8)}` });
    }
    return files.readText(file);
  };
  const isIdentity = (line: string) => line.startsWith('AGE-SECRET-KEY-');
  /** All of a key file: which of several opens it, only trying tells. */
  const identities = async (): Promise<readonly string[]> =>
    ((await readPrivate(identityPath)) ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter(isIdentity);

  const read = async () => {
    if (opened !== undefined) return opened;
    const sealed = await readPrivate(path);
    if (sealed === undefined) return undefined;
    const openers = await identities();
    if (openers.length === 0) throw identityMissing({ path, identityPath });
    opened = parseSecretsFile(await openSecrets(sealed, openers.join('\n')));
    checkSecrets(opened, clock);
    return opened;
  };

  const seal = async (secrets: TalosSecrets) => {
    checkSecrets(secrets, clock);
    let [sealer] = await identities();
    if (sealer === undefined) {
      // A file that is there and holds no identity is somebody's; it is neither used nor replaced.
      if ((await files.mode(identityPath)) !== undefined) throw identityMissing({ path, identityPath });
      sealer = await createSealIdentity();
      await files.writeAtomically(identityPath, `${sealer}\n`, 0o600);
    }
    await files.writeAtomically(path, await sealSecrets(renderSecretsFile(secrets), sealer), 0o600);
  };

  return {
    path,
    read,
    mint: async () => seal(await createSecrets({ clock, random })),
    seal,
    async keys() {
      const secrets = await read();
      if (secrets === undefined) return undefined;
      keys ??= createAdminKeys(secrets, { clock, random });
      return keys;
    },
  };
}
