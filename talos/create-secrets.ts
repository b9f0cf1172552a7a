import type { Clock, Random } from '../core/ports.ts';
import { createAuthority } from './certificate.ts';
import { createKeyPair, encodePrivateKey } from './private-key.ts';
import type { TalosSecrets } from './talos-secrets.ts';

/**
 * New secrets for a cluster, with the algorithms, subjects and lifetimes of Talos' own generator since 1.7
 * (pkg/machinery/config/generate/secrets). Takes seconds: one of the keys is RSA 4096.
 */
export async function createSecrets(ports: { clock: Clock; random: Random }): Promise<TalosSecrets> {
  const { random } = ports;
  const [etcdCa, kubernetesCa, aggregatorCa, osCa, serviceAccount] = await Promise.all([
    createAuthority({ kind: 'ecdsa-p256', organization: 'etcd' }, ports),
    createAuthority({ kind: 'ecdsa-p256', organization: 'kubernetes' }, ports),
    createAuthority({ kind: 'ecdsa-p256' }, ports),
    createAuthority({ kind: 'ed25519', organization: 'talos' }, ports),
    createKeyPair('rsa-4096'),
  ]);
  const key32 = (encoding: 'base64' | 'base64url') => Buffer.from(random.bytes(32)).toString(encoding);
  return {
    // Go's URL encoding keeps the padding that Node's leaves out.
    clusterId: `${key32('base64url')}=`,
    clusterSecret: key32('base64'),
    bootstrapToken: createToken(random),
    secretboxEncryptionSecret: key32('base64'),
    trustdToken: createToken(random),
    etcdCa,
    kubernetesCa,
    aggregatorCa,
    serviceAccountKey: encodePrivateKey(serviceAccount.privateKey),
    osCa,
  };
}

const tokenCharacters = '0123456789abcdefghijklmnopqrstuvwxyz';

/** `[a-z0-9]{6}.[a-z0-9]{16}`, each character equally likely. */
function createToken(random: Random): string {
  const letters: string[] = [];
  while (letters.length < 22) {
    for (const byte of random.bytes(22)) {
      // 252 is the largest multiple of 36 in a byte: what lies above would favour the first characters.
      if (byte < 252) letters.push(tokenCharacters.charAt(byte % 36));
    }
  }
  return `${letters.slice(0, 6).join('')}.${letters.slice(6, 22).join('')}`;
}
