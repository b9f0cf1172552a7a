import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createAuthority, createLeaf } from './certificate.ts';
import { keyKindOf } from './private-key.ts';
import { trueRandom } from './testing/true-random.ts';

const ports = { clock: new VirtualClock(), random: trueRandom };
const clientAuth = '1.3.6.1.5.5.7.3.2';
const serverAuth = '1.3.6.1.5.5.7.3.1';

describe('createAuthority', () => {
  it('makes an authority of ten years of 365 days', async () => {
    const certificate = new X509Certificate(
      (await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports)).crt,
    );
    expect(certificate.subject).toBe('O=talos');
    expect(certificate.ca).toBe(true);
    expect(certificate.validFromDate).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(certificate.validToDate).toEqual(new Date('2035-12-30T00:00:00Z'));
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('leaves the subject empty without an organization', async () => {
    const { crt } = await createAuthority({ kind: 'ecdsa-p256' }, ports);
    expect(new X509Certificate(crt).subject).toBeFalsy();
  });

  it('never makes the same serial number or key twice', async () => {
    const [one, two] = await Promise.all([
      createAuthority({ kind: 'ed25519' }, ports),
      createAuthority({ kind: 'ed25519' }, ports),
    ]);
    expect(new X509Certificate(one.crt).serialNumber).not.toBe(new X509Certificate(two.crt).serialNumber);
    expect(one.key).not.toBe(two.key);
  });

  it('makes a positive serial number of 16 bytes from whatever random bytes', async () => {
    for (const byte of [0x00, 0xff]) {
      const random = { bytes: (count: number) => new Uint8Array(count).fill(byte) };
      const { crt } = await createAuthority({ kind: 'ed25519' }, { ...ports, random });
      expect(new X509Certificate(crt).serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    }
  });
});

describe('createLeaf', () => {
  it('signs with the authority, for one usage only', async () => {
    for (const kind of ['ed25519', 'ecdsa-p256'] as const) {
      const authority = await createAuthority({ kind, organization: 'talos' }, ports);
      const leaf = await createLeaf(
        { authority, kind, organizations: ['os:admin'], usage: 'client', hours: 8760 },
        ports,
      );
      const certificate = new X509Certificate(leaf.crt);
      expect(certificate.verify(new X509Certificate(authority.crt).publicKey)).toBe(true);
      expect(certificate.checkIssued(new X509Certificate(authority.crt))).toBe(true);
      expect(certificate.ca).toBe(false);
      expect(certificate.subject).toBe('O=os:admin');
      expect(certificate.keyUsage).toEqual([clientAuth]);
      expect(certificate.validToDate).toEqual(new Date('2027-01-01T00:00:00Z'));
    }
  });

  it('follows the algorithm of the authority when it is not told a kind', async () => {
    for (const kind of ['ed25519', 'ecdsa-p256'] as const) {
      const authority = await createAuthority({ kind }, ports);
      const leaf = await createLeaf({ authority, usage: 'client', hours: 1 }, ports);
      expect(keyKindOf(leaf.key)).toBe(kind);
    }
  });

  it('signs with authorities that others made, of larger curves and of RSA', async () => {
    const pairs = [
      generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
      generateKeyPairSync('ec', { namedCurve: 'secp521r1' }),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ];
    for (const { privateKey, publicKey } of pairs) {
      // The certificate only lends its name: what signs is the key.
      const { crt } = await createAuthority({ kind: 'ecdsa-p256', organization: 'kubernetes' }, ports);
      const authority = { crt, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
      const leaf = await createLeaf({ authority, kind: 'ecdsa-p256', usage: 'client', hours: 1 }, ports);
      expect(new X509Certificate(leaf.crt).verify(publicKey)).toBe(true);
    }
  });

  it('names the addresses of a server', async () => {
    const authority = await createAuthority({ kind: 'ed25519' }, ports);
    const leaf = await createLeaf(
      { authority, kind: 'ed25519', commonName: 'node-1', usage: 'server', addresses: ['10.0.0.11'], hours: 24 },
      ports,
    );
    const certificate = new X509Certificate(leaf.crt);
    expect(certificate.checkIP('10.0.0.11')).toBe('10.0.0.11');
    expect(certificate.checkIP('10.0.0.12')).toBeUndefined();
    expect(certificate.keyUsage).toEqual([serverAuth]);
  });
});
