import { createPrivateKey, KeyObject, type webcrypto } from 'node:crypto';

/** The three kinds of key in a Talos cluster. */
export type KeyKind = 'ed25519' | 'ecdsa-p256' | 'rsa-4096';

const generation = {
  ed25519: { name: 'Ed25519' },
  'ecdsa-p256': { name: 'ECDSA', namedCurve: 'P-256' },
  'rsa-4096': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 4096,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
} as const;

export async function createKeyPair(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  return (await crypto.subtle.generateKey(generation[kind], true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

/**
 * A private key as PEM under the label by which Talos chooses its parser: `ED25519 PRIVATE KEY` (PKCS #8),
 * `EC PRIVATE KEY` (SEC 1, RFC 5915) or `RSA PRIVATE KEY` (PKCS #1, RFC 8017).
 */
export function encodePrivateKey(key: webcrypto.CryptoKey): string {
  const object = KeyObject.from(key);
  switch (object.asymmetricKeyType) {
    case 'ec':
      return object.export({ type: 'sec1', format: 'pem' }).toString();
    case 'rsa':
      return object.export({ type: 'pkcs1', format: 'pem' }).toString();
    default:
      return object
        .export({ type: 'pkcs8', format: 'pem' })
        .toString()
        .replaceAll(' PRIVATE KEY', ' ED25519 PRIVATE KEY');
  }
}

/** The same key under a label that OpenSSL knows: it refuses Talos' label for Ed25519, whose body is plain PKCS #8. */
export const opensslPem = (pem: string): string => pem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');

/** The key for signing, with the algorithm that it signs by. Throws when the text holds no Ed25519 or P-256 key. */
export function importSigningKey(pem: string): {
  key: webcrypto.CryptoKey;
  algorithm: { name: string; hash?: string };
} {
  const object = createPrivateKey(opensslPem(pem));
  const [generate, algorithm] =
    object.asymmetricKeyType === 'ed25519'
      ? [generation.ed25519, { name: 'Ed25519' }]
      : [generation['ecdsa-p256'], { name: 'ECDSA', hash: 'SHA-256' }];
  return { key: object.toCryptoKey(generate, false, ['sign']), algorithm };
}
