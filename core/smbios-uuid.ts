/**
 * UUIDs that boards are sold with and that tell no machine from another, in SMBIOS 2.6 byte order: firmware vendors'
 * placeholders, and one that was hard-coded for a whole product (SolidRun's LX2160A until 2021).
 */
const defaultUuids: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '00010203-0405-0607-0809-0a0b0c0d0e0f',
  '01020304-0506-0708-090a-0b0c0d0e0f10',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '12345678-1234-5678-1234-567812345678',
  '01234567-89ab-cdef-0123-456789abcdef',
  '8a95d198-7f46-11e5-bf8b-08002704d48e',
]);

/** One octet, sixteen times: blank (00, not present), not set (ff), or the filler of a factory. */
const oneOctet = /^(..)\1{15}$/;

/** Whether a UUID can name a machine at all: well-formed, not blank, and no vendor's default in either byte order. */
export function isTellingUuid(uuid: string): boolean {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) return false;
  if (oneOctet.test(uuid.replaceAll('-', ''))) return false;
  return !defaultUuids.has(uuid) && !defaultUuids.has(swapUuid(uuid));
}

/**
 * A UUID regardless of the byte order of its first three fields: boards with an SMBIOS before 2.6, and some network
 * firmware (DHCP option 97), write them the other way round than Talos reads them.
 */
export function canonicalUuid(uuid: string): string {
  const swapped = swapUuid(uuid);
  return swapped < uuid ? swapped : uuid;
}

function swapUuid(uuid: string): string {
  const [first = '', second = '', third = '', ...rest] = uuid.split('-');
  return [reverseOctets(first), reverseOctets(second), reverseOctets(third), ...rest].join('-');
}

const reverseOctets = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('');
