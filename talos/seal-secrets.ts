import { armor, Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { defineFault } from '../core/fault.ts';

const locked = defineFault('talos/secrets-locked', {
  kind: 'operator',
  title: () => 'The sealed secrets do not open with this age identity, or were damaged',
  state: () => 'Nothing was changed.',
  remedy: () => 'Use the identity that they were sealed with, or restore both from a backup.',
});

/** A new age identity: `AGE-SECRET-KEY-…`. Whoever has it can open what is sealed to it. */
export const createSealIdentity = (): Promise<string> => generateIdentity();

/** Encrypts a text to the identity's own recipient, as armored age (age-encryption.org/v1). */
export async function sealSecrets(text: string, identity: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  return armor.encode(await encrypter.encrypt(text));
}

/**
 * Opens it with whichever identity fits: `identities` is one of them, or the text of a key file as age-keygen and SOPS
 * have it, with comments. Fault `talos/secrets-locked` when none fits or the text was changed.
 */
export async function openSecrets(sealed: string, identities: string): Promise<string> {
  try {
    const decrypter = new Decrypter();
    for (const line of identities.split('\n').map((one) => one.trim())) {
      if (line !== '' && !line.startsWith('#')) decrypter.addIdentity(line);
    }
    return await decrypter.decrypt(armor.decode(sealed), 'text');
  } catch {
    // The cause is left out: nobody promises that it quotes nothing.
    throw locked(undefined);
  }
}
