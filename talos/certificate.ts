import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type Millis, millis } from '../core/millis.ts';
import type { Clock, Random } from '../core/ports.ts';
import { createKeyPair, encodePrivateKey, importSigningKey, type KeyKind, keyKindOf } from './private-key.ts';

/** A certificate and its private key, both PEM with a final newline. */
export interface CertificateAndKey {
  readonly crt: string;
  readonly key: string;
}

interface Ports {
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
}

const hour = 3_600_000;
/** Ten years of 365 days, as Talos gives its authorities. */
const authorityHours = 87_600;

/** A new certificate authority; without an organization its subject is empty, as Talos makes its aggregator CA. */
export async function createAuthority(
  { kind, organization }: { kind: Exclude<KeyKind, 'rsa-4096'>; organization?: string },
  ports: Ports,
): Promise<CertificateAndKey> {
  const pair = await createKeyPair(kind);
  const key = encodePrivateKey(pair.privateKey);
  const subject = organization === undefined ? [] : [{ O: [organization] }];
  const extensions = [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    new BasicConstraintsExtension(true, undefined, true),
    new SubjectKeyIdentifierExtension(hex(ports.random.bytes(20))),
  ];
  return issue(
    { pair, key, subject, issuer: subject, signer: key, hours: authorityHours, backdated: millis(0), extensions },
    ports,
  );
}

export interface LeafRequest {
  readonly authority: CertificateAndKey;
  /** Of the key that it certifies; that of the authority when left out. */
  readonly kind?: KeyKind;
  readonly organizations?: readonly string[];
  readonly commonName?: string;
  readonly usage: 'client' | 'server';
  /** Addresses under which a server is reached. */
  readonly addresses?: readonly string[];
  /** From now on. */
  readonly hours: number;
  /** Also good for key encipherment, as Kubernetes' certificates are. */
  readonly keyEncipherment?: true;
  /** How much earlier than now it is good already, for a peer whose clock is behind. */
  readonly backdated?: Millis;
}

/** A certificate of the authority for a new key, good for one usage only: Talos refuses clients that have both. */
export async function createLeaf(request: LeafRequest, ports: Ports): Promise<CertificateAndKey> {
  const authority = new X509Certificate(request.authority.crt);
  const pair = await createKeyPair(request.kind ?? keyKindOf(request.authority.key));
  const subject = [
    ...(request.organizations === undefined ? [] : [{ O: [...request.organizations] }]),
    ...(request.commonName === undefined ? [] : [{ CN: [request.commonName] }]),
  ];
  const names = (request.addresses ?? []).map((value) => ({ type: 'ip' as const, value }));
  const keyId = authority.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  const extensions = [
    request.keyEncipherment
      ? new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true)
      : new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage[request.usage === 'client' ? 'clientAuth' : 'serverAuth']]),
    ...(keyId === undefined ? [] : [new AuthorityKeyIdentifierExtension(keyId)]),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
  ];
  return issue(
    {
      pair,
      key: encodePrivateKey(pair.privateKey),
      subject,
      issuer: authority.subjectName.toJSON(),
      signer: request.authority.key,
      hours: request.hours,
      backdated: request.backdated ?? millis(0),
      extensions,
    },
    ports,
  );
}

type Name = Record<string, string[]>[];

async function issue(
  request: {
    pair: webcrypto.CryptoKeyPair;
    key: string;
    subject: Name;
    issuer: Name;
    signer: string;
    hours: number;
    backdated: Millis;
    extensions: Extension[];
  },
  { clock, random }: Ports,
): Promise<CertificateAndKey> {
  const signer = importSigningKey(request.signer);
  const now = clock.now();
  const notBefore = structuredClone(now);
  notBefore.setTime(now.getTime() - request.backdated);
  const notAfter = structuredClone(now);
  notAfter.setTime(now.getTime() + request.hours * hour);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: positiveSerial(random),
    subject: request.subject,
    issuer: request.issuer,
    notBefore,
    notAfter,
    publicKey: request.pair.publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: request.extensions,
  });
  return { crt: `${certificate.toString('pem')}\n`, key: request.key };
}

/** RFC 5280 4.1.2.2: a positive number of at most 20 octets. */
function positiveSerial(random: Random): string {
  const bytes = Uint8Array.from(random.bytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return hex(bytes);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
