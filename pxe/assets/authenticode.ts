import { createHash, verify, X509Certificate } from 'node:crypto';
import { ContentInfo, id_signedData, SignedData } from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import type { ReadableFile } from '../../core/ports.ts';
import type { PeImage } from './read-pe.ts';

/** Content type of what Authenticode signs, and the two attributes of a signer that count here. */
const spcIndirectData = '1.3.6.1.4.1.311.2.1.4';
const messageDigest = '1.2.840.113549.1.9.4';
const sha256 = '2.16.840.1.101.3.4.2.1';
const limitBytes = 256 * 1024;

/**
 * Whether one of the signatures in the image was made with the key of this certificate over exactly this content
 * (Windows Authenticode Portable Executable Signature Format; SHA-256). `undefined` when it was, else why not.
 */
export async function whyNotSigned(
  file: ReadableFile,
  image: PeImage,
  certificatePem: string,
): Promise<string | undefined> {
  const { certificates: table } = image;
  if (table === undefined) return 'it has no signature';
  if (table.offsetBytes + table.sizeBytes !== file.sizeBytes || table.sizeBytes > limitBytes) {
    return 'its signature is not the end of the file';
  }
  const digest = await digestOf(file, image, table.offsetBytes);
  const certificate = new X509Certificate(certificatePem);
  const bytes = await file.read(table.offsetBytes, table.sizeBytes);
  const reasons: string[] = [];
  for (const signature of signaturesIn(bytes)) {
    const why = whyNotBy(signature, digest, certificate);
    if (why === undefined) return undefined;
    reasons.push(why);
  }
  return reasons.join('; ') || 'it has no signature that can be read';
}

/** SHA-256 of all but the checksum, the entry of the certificate table, and that table. */
async function digestOf(file: ReadableFile, image: PeImage, endBytes: number): Promise<Buffer> {
  const hash = createHash('sha256');
  const { checksumOffset, certificateEntryOffset } = image;
  for (const [start, end] of [
    [0, checksumOffset],
    [checksumOffset + 4, certificateEntryOffset],
    [certificateEntryOffset + 8, endBytes],
  ] as const) {
    for await (const chunk of file.stream(start, end)) hash.update(chunk);
  }
  return hash.digest();
}

/** WIN_CERTIFICATE entries of type PKCS #7, each filled up to 8 bytes. */
function signaturesIn(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < 8 || at + length > bytes.length) break;
    if (view.getUint16(at + 6, true) === 2) found.push(bytes.slice(at + 8, at + length));
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}

function whyNotBy(signature: Uint8Array, digest: Buffer, certificate: X509Certificate): string | undefined {
  let signed: SignedData;
  try {
    const content = AsnConvert.parse(signature, ContentInfo);
    if (content.contentType !== id_signedData) return 'its signature is of another kind';
    signed = AsnConvert.parse(content.content, SignedData);
  } catch {
    return 'its signature cannot be read';
  }
  const { eContentType, eContent } = signed.encapContentInfo;
  const indirect = eContent?.any === undefined ? undefined : contentOf(new Uint8Array(eContent.any));
  if (eContentType !== spcIndirectData || indirect === undefined) return 'its signature is not over a program';
  // SpcIndirectDataContent ends with DigestInfo, whose last field is the digest.
  if (!Buffer.from(indirect).subarray(-digest.length).equals(digest)) return 'its content is not what was signed';
  for (const signer of signed.signerInfos) {
    if (signer.digestAlgorithm.algorithm !== sha256 || signer.signedAttrs === undefined) continue;
    const [value] = signer.signedAttrs.find(({ attrType }) => attrType === messageDigest)?.attrValues ?? [];
    if (value === undefined) continue;
    const stated = Buffer.from(AsnConvert.parse(value, OctetString).buffer);
    if (!stated.equals(createHash('sha256').update(indirect).digest())) continue;
    // What is signed are the attributes as a SET; in the message they stand under the tag [0].
    const attributes = derSet(signer.signedAttrs.map((attribute) => Buffer.from(AsnConvert.serialize(attribute))));
    if (verify('sha256', attributes, certificate.publicKey, Buffer.from(signer.signature.buffer))) return undefined;
  }
  return `it was signed by somebody else than ${certificate.subject.replaceAll('\n', ', ')}`;
}

/** What stands in a DER value behind its tag and length; `undefined` when it is not whole. */
function contentOf(der: Uint8Array): Uint8Array | undefined {
  const first = der[1];
  if (first === undefined) return undefined;
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  return lengthOctets > 4 ? undefined : der.subarray(2 + lengthOctets);
}

function derSet(members: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(members);
  const { length } = content;
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(0x31, ...octets), content]);
}
