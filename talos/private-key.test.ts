import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyPair, encodePrivateKey, opensslPem } from './private-key.ts';

describe('encodePrivateKey', () => {
  it('labels an Ed25519 key as Talos wants it, and opensslPem makes it readable again', async () => {
    const pem = encodePrivateKey((await createKeyPair('ed25519')).privateKey);
    expect(pem).toMatch(/^-----BEGIN ED25519 PRIVATE KEY-----\n[^]*\n-----END ED25519 PRIVATE KEY-----\n$/);
    expect(() => createPrivateKey(pem)).toThrow();
    expect(createPrivateKey(opensslPem(pem)).asymmetricKeyType).toBe('ed25519');
  });

  it('writes a P-256 key as SEC 1', async () => {
    const pem = encodePrivateKey((await createKeyPair('ecdsa-p256')).privateKey);
    expect(pem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
    expect(createPrivateKey(pem).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });
});
