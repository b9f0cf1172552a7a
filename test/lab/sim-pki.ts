import 'reflect-metadata';
import {
  createPrivateKey,
  KeyObject,
  X509Certificate as NodeCertificate,
  randomBytes,
  type webcrypto,
} from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Clock } from '../../core/ports.ts';

/** Certificate and key as PEM that OpenSSL reads. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface LeafWish {
  readonly subject: { readonly CN?: string; readonly O?: string | readonly string[] };
  readonly usage: 'server' | 'client';
  /** IP addresses and DNS names. */
  readonly names: readonly string[];
  readonly hours: number;
}

/** Talos writes Ed25519 keys under a label of its own, with ordinary PKCS #8 inside. */
const opensslPem = (pem: string) => pem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');

/** A certificate for a new key of the same kind as the authority's. Throws when the authority's PEM is not one. */
export async function issueLeaf(authority: Identity, wish: LeafWish, clock: Clock): Promise<Identity> {
  const issuer = new X509Certificate(authority.cert);
  const issuerKey = createPrivateKey(opensslPem(authority.key));
  const [algorithm, signing] = algorithmsOf(issuerKey);
  const pair = await createPair(algorithm);
  const issuerKeyId = issuer.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  const names = wish.names.map((value) =>
    isIPv4(value) || isIPv6(value) ? { type: 'ip' as const, value } : { type: 'dns' as const, value },
  );
  const { CN, O } = wish.subject;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString('hex').replace(/^./, '4'),
    subject: [
      ...(O === undefined ? [] : [{ O: typeof O === 'string' ? [O] : [...O] }]),
      ...(CN === undefined ? [] : [{ CN: [CN] }]),
    ],
    issuer: issuer.subjectName.toJSON(),
    ...lifeOf(clock, wish.hours),
    publicKey: pair.publicKey,
    signingKey: issuerKey.toCryptoKey(algorithm, false, ['sign']),
    signingAlgorithm: signing,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage[wish.usage === 'server' ? 'serverAuth' : 'clientAuth']]),
      ...(issuerKeyId === undefined ? [] : [new AuthorityKeyIdentifierExtension(issuerKeyId)]),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  });
  const key = KeyObject.from(pair.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { cert: `${certificate.toString('pem')}\n`, key };
}

/**
 * What a node shows in maintenance mode: a leaf under an authority that lives in memory for this one boot and is not
 * sent along, so that nobody can verify it.
 */
export async function maintenanceIdentity(names: readonly string[], clock: Clock): Promise<Identity> {
  const keys = await createPair({ name: 'Ed25519' });
  const authority = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString('hex').replace(/^./, '4'),
    name: [],
    ...lifeOf(clock, 24),
    keys,
    signingAlgorithm: { name: 'Ed25519' },
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return issueLeaf(
    { cert: authority.toString('pem'), key },
    {
      subject: { CN: 'maintenance-service.talos.dev' },
      usage: 'server',
      names: ['127.0.0.1', '::1', ...names],
      hours: 24,
    },
    clock,
  );
}

/** Whether these two PEM texts hold the same certificate. */
export function isSameCertificate(one: string, other: string): boolean {
  return one === other || new NodeCertificate(one).fingerprint256 === new NodeCertificate(other).fingerprint256;
}

async function createPair(algorithm: { name: string; namedCurve?: string }): Promise<webcrypto.CryptoKeyPair> {
  return (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

function algorithmsOf(key: KeyObject): [{ name: string; namedCurve?: string }, { name: string; hash?: string }] {
  return key.asymmetricKeyType === 'ed25519'
    ? [{ name: 'Ed25519' }, { name: 'Ed25519' }]
    : [
        { name: 'ECDSA', namedCurve: 'P-256' },
        { name: 'ECDSA', hash: 'SHA-256' },
      ];
}

/** From now on, as Talos dates them, without slack for clocks that differ. */
function lifeOf(clock: Clock, hours: number): { notBefore: Date; notAfter: Date } {
  const notBefore = clock.now();
  return { notBefore, notAfter: new Date(notBefore.getTime() + hours * 3_600_000) };
}
