import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../core/ports.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createSecrets } from './create-secrets.ts';
import { opensslPem } from './private-key.ts';
import type { TalosSecrets } from './talos-secrets.ts';
import { trueRandom } from './testing/true-random.ts';

/** Searching primes for RSA 4096 may take long on a busy machine. */
const patience = 60_000;

describe('createSecrets', () => {
  let secrets: TalosSecrets;
  beforeAll(async () => {
    secrets = await createSecrets({ clock: new VirtualClock(), random: trueRandom });
  }, patience);

  it('makes ids, secrets and tokens in the forms that Talos reads', () => {
    const base64Of32Bytes = /^[A-Za-z0-9+/]{43}=$/;
    expect(secrets.clusterId).toMatch(/^[A-Za-z0-9_-]{43}=$/);
    expect(secrets.clusterSecret).toMatch(base64Of32Bytes);
    expect(secrets.secretboxEncryptionSecret).toMatch(base64Of32Bytes);
    expect(secrets.bootstrapToken).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    expect(secrets.trustdToken).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    const values = [secrets.clusterSecret, secrets.secretboxEncryptionSecret, secrets.bootstrapToken];
    expect(new Set([...values, secrets.trustdToken]).size).toBe(4);
  });

  it('makes each authority of the kind and the name that Talos gives it', () => {
    const facts = ({ crt, key }: { crt: string; key: string }) => {
      const certificate = new X509Certificate(crt);
      const fits = certificate.publicKey.equals(createPublicKey(createPrivateKey(opensslPem(key))));
      return [certificate.subject || '', certificate.publicKey.asymmetricKeyType, fits];
    };
    expect(facts(secrets.osCa)).toEqual(['O=talos', 'ed25519', true]);
    expect(facts(secrets.kubernetesCa)).toEqual(['O=kubernetes', 'ec', true]);
    expect(facts(secrets.etcdCa)).toEqual(['O=etcd', 'ec', true]);
    expect(facts(secrets.aggregatorCa)).toEqual(['', 'ec', true]);
  });

  it('makes an RSA key of 4096 bits for service accounts', () => {
    expect(secrets.serviceAccountKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(createPrivateKey(secrets.serviceAccountKey).asymmetricKeyDetails?.modulusLength).toBe(4096);
  });

  it(
    'skips the random bytes that would favour some characters of a token',
    async () => {
      let at = 0;
      const random: Random = {
        bytes: (count) => Uint8Array.from({ length: count }, () => (at++ % 2 === 0 ? 255 : 35)),
      };
      const { trustdToken } = await createSecrets({ clock: new VirtualClock(), random });
      expect(trustdToken).toBe('zzzzzz.zzzzzzzzzzzzzzzz');
    },
    patience,
  );
});
