/** One member of a tar archive (POSIX.1-1988 ustar): only plain files with short names. */
export interface TarMember {
  readonly name: string;
  readonly sizeBytes: number;
}

export const tarBlockBytes = 512;

/** Bytes behind a member's content up to the next block. */
export const tarPadding = (sizeBytes: number): number => (tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes;

export function encodeTarHeader({ name, sizeBytes }: TarMember): Uint8Array {
  if (name.length > 99) throw new RangeError(`${name} is too long a name for a tar member`);
  const block = new Uint8Array(tarBlockBytes);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  put(0, name);
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(sizeBytes, 11));
  put(136, octal(0, 11));
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\x0000');
  put(148, `${sumOf(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** `end` for the empty block that ends an archive, `undefined` for what is no header. Takes any bytes. */
export function decodeTarHeader(block: Uint8Array): TarMember | 'end' | undefined {
  if (block.length < tarBlockBytes) return undefined;
  const bytes = block.subarray(0, tarBlockBytes);
  if (bytes.every((octet) => octet === 0)) return 'end';
  const text = (at: number, length: number) => {
    const field = Buffer.from(bytes.subarray(at, at + length)).toString('latin1');
    return field.split('\0')[0] ?? '';
  };
  const checksum = text(148, 8).trim();
  const counted = Uint8Array.from(bytes);
  counted.fill(32, 148, 156);
  if (!/^[0-7]+$/.test(checksum) || Number.parseInt(checksum, 8) !== sumOf(counted)) return undefined;
  const size = text(124, 12).trim();
  if (!/^[0-7]+$/.test(size) || !['0', ''].includes(text(156, 1))) return undefined;
  return { name: text(0, 100), sizeBytes: Number.parseInt(size, 8) };
}

const sumOf = (bytes: Uint8Array) => bytes.reduce((sum, octet) => sum + octet, 0);
