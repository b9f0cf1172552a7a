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

/** The kind of new keys under an authority with this key: of its algorithm, and for any elliptic curve P-256. */
export function keyKindOf(pem: string): KeyKind {
  switch (createPrivateKey(opensslPem(pem)).asymmetricKeyType) {
    case 'ed25519':
      return 'ed25519';
    case 'rsa':
      return 'rsa-4096';
    default:
      return 'ecdsa-p256';
  }
}

/**
 * The key for signing, with the algorithm that it signs by: that of Go's x509 package for Ed25519 and elliptic curves,
 * and SHA-512 for RSA, as Talos chooses. Throws when the text holds no such key.
 */
export function importSigningKey(pem: string): {
  key: webcrypto.CryptoKey;
  algorithm: { name: string; hash?: string };
} {
  const object = createPrivateKey(opensslPem(pem));
  const [generate, algorithm] = signing(object);
  return { key: object.toCryptoKey(generate, false, ['sign']), algorithm };
}

type Signing = readonly [
  generate: { name: string; namedCurve?: string; hash?: string },
  algorithm: { name: string; hash?: string },
];

function signing({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Signing {
  if (asymmetricKeyType === 'ed25519') return [generation.ed25519, { name: 'Ed25519' }];
  if (asymmetricKeyType === 'rsa') {
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' };
    return [rsa, rsa];
  }
  const curve = curves[asymmetricKeyDetails?.namedCurve ?? ''] ?? curves.prime256v1;
  return [
    { name: 'ECDSA', namedCurve: curve.name },
    { name: 'ECDSA', hash: curve.hash },
  ];
}

/** OpenSSL's names of the curves, and the hash that is as strong (RFC 5758 3.2). */
const curves: Readonly<Record<string, { name: string; hash: string }>> & {
  prime256v1: { name: string; hash: string };
} = {
  prime256v1: { name: 'P-256', hash: 'SHA-256' },
  secp384r1: { name: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'P-521', hash: 'SHA-512' },
};
